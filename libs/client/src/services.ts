import { services } from '@orderflow/contracts';

/** The four services, then the sandbox: without one of them an order cannot be completed. */
export const serviceNames = [...services, 'sandbox'] as const;

export type ServiceName = (typeof serviceNames)[number];

/** Everything that is deployed: the console reads what the others publish, and an order needs it for nothing. */
export const programNames = [...serviceNames, 'console'] as const;
export type ProgramName = (typeof programNames)[number];

/** The TCP port of the console where no other is configured. */
export const USUAL_CONSOLE_PORT = 3000;

/** Base URL of each service, without a trailing slash. */
export type ServiceUrls = Readonly<Record<ServiceName, string>>;

const FIRST_PORT = 3001;

const byName = <T>(valueOf: (name: ServiceName, index: number) => T): Record<ServiceName, T> =>
  Object.fromEntries(serviceNames.map((name, index) => [name, valueOf(name, index)])) as Record<ServiceName, T>;

/** The TCP port of each service where no other is configured. */
export const usualPorts: Readonly<Record<ServiceName, number>> = byName((_, index) => FIRST_PORT + index);

/**
 * The services of a system that runs anywhere.
 * @param ordersUrl base URL of orders; the others are at the next ports of the same host, or where `<SERVICE>_URL` points
 * @throws Error when it is not a URL
 */
export function urlsFrom(ordersUrl: string): ServiceUrls {
  if (!URL.canParse(ordersUrl)) throw new Error(`${ordersUrl} is not a URL: it looks like http://localhost:3001.`);
  const { protocol, hostname, port } = new URL(ordersUrl);
  const first = Number(port || (protocol === 'https:' ? 443 : 80));
  return byName((name, index) => {
    const configured = process.env[`${name.toUpperCase()}_URL`];
    return (configured || `${protocol}//${hostname}:${first + index}`).replace(/\/+$/, '');
  });
}
