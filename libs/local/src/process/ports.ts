import { type AddressInfo, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { codeOf, reasonOf, SetupError } from './setup-error.js';

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** `count` different TCP ports on 127.0.0.1 that are free at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held until the last one is known: the kernel could otherwise return one port twice.
  const servers = await Promise.all(Array.from({ length: count }, async () => listen(0)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
}

/** One TCP port on 127.0.0.1 that is free at this moment. */
export async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!;
}

/** A port for each name, as `freePorts` gives them. */
export async function freePortsFor<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, index) => [name, free[index]])) as Record<Name, number>;
}

/**
 * Checks that `port` on 127.0.0.1 is free.
 * @param who name of the program that needs it ("PostgreSQL")
 * @param variable the environment variable that sets another port
 * @throws SetupError when the port is taken or not allowed
 */
export async function assertPortFree(port: number, who: string, variable: string): Promise<void> {
  try {
    await close(await listen(port));
  } catch (error) {
    const code = codeOf(error);
    const reason =
      code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code ?? reasonOf(error)})`;
    throw new SetupError(`Port ${port}, needed by ${who}, ${reason}: stop that program or set ${variable}.`);
  }
}
