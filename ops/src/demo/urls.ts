import { type ServiceName, serviceNames, SetupError } from '@orderflow/local';

/**
 * The services of a system that is up anywhere.
 * @param ordersUrl where orders answers; the others are at the next ports of the same host, or where `<SERVICE>_URL` says
 * @throws SetupError when it is no URL
 */
export function urlsFrom(ordersUrl: string): Record<ServiceName, string> {
  if (!URL.canParse(ordersUrl)) throw new SetupError(`--url ${ordersUrl} is no URL: it is like http://localhost:3001.`);
  const { protocol, hostname, port } = new URL(ordersUrl);
  const first = Number(port || (protocol === 'https:' ? 443 : 80));
  const urls = serviceNames.map((name, index) => {
    const named = process.env[`${name.toUpperCase()}_URL`];
    return [name, (named || `${protocol}//${hostname}:${first + index}`).replace(/\/+$/, '')];
  });
  return Object.fromEntries(urls) as Record<ServiceName, string>;
}
