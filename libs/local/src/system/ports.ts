import { join } from 'node:path';
import { waitForPredecessor } from '../process/daemon.js';
import { assertPortFree, freePorts } from '../process/ports.js';
import { SetupError } from '../process/setup-error.js';
import { serviceNames } from './service.js';

/** The variable that sets each port, and its default. */
const places = {
  orders: { variable: 'ORDERS_PORT', usual: 3001 },
  inventory: { variable: 'INVENTORY_PORT', usual: 3002 },
  payments: { variable: 'PAYMENTS_PORT', usual: 3003 },
  notifications: { variable: 'NOTIFICATIONS_PORT', usual: 3004 },
  sandbox: { variable: 'SANDBOX_PORT', usual: 3005 },
  smtp: { variable: 'SMTP_PORT', usual: 3025 },
} as const;

/** TCP ports on 127.0.0.1 of the services and of the sandbox's mailbox. */
export type SystemPorts = Record<keyof typeof places, number>;

const names = Object.keys(places) as (keyof SystemPorts)[];

/**
 * The port in an environment variable, else the default.
 * @throws SetupError when the value is not a port
 */
export function portFrom(variable: string, usual: number): number {
  const port = Number(process.env[variable] || usual);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new SetupError(`${variable} is not a TCP port: set it to a number from 1 to 65535, or unset it.`);
}

/**
 * The ports of `ORDERS_PORT` etc., or their defaults, once they are free.
 * @param log folder of the services' logs, by which services of a killed run are found and waited for
 * @throws SetupError when a port is taken
 */
export async function usualPorts(log: string): Promise<SystemPorts> {
  for (const name of serviceNames) await waitForPredecessor(`The service ${name}`, join(log, `${name}.log`));
  const ports = names.map((name) => [name, portFrom(places[name].variable, places[name].usual)] as const);
  for (const [name, port] of ports) await assertPortFree(port, name, places[name].variable);
  return Object.fromEntries(ports) as SystemPorts;
}

/** Ports that are free at this moment, for tests. */
export async function freeSystemPorts(): Promise<SystemPorts> {
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, free[index]])) as SystemPorts;
}
