import { join } from 'node:path';
import { type ServiceName, serviceNames, usualPorts as usualServicePorts } from '@orderflow/client';
import { waitForPredecessor } from '../process/daemon.js';
import { assertPortFree, freePortsFor } from '../process/ports.js';
import { SetupError } from '../process/setup-error.js';

// Where no other port is configured.
const usual: SystemPorts = { ...usualServicePorts, smtp: 3025 };

/** TCP ports on 127.0.0.1 of the services and of the sandbox's mailbox. */
export type SystemPorts = Record<ServiceName | 'smtp', number>;

const names = Object.keys(usual) as (keyof SystemPorts)[];

const variableOf = (name: keyof SystemPorts): string => `${name.toUpperCase()}_PORT`;

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
  const ports = names.map((name) => [name, portFrom(variableOf(name), usual[name])] as const);
  for (const [name, port] of ports) await assertPortFree(port, name, variableOf(name));
  return Object.fromEntries(ports) as SystemPorts;
}

/** Ports that are free at this moment, for tests. */
export const freeSystemPorts = async (): Promise<SystemPorts> => freePortsFor(names);
