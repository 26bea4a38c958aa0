import { type AddressInfo, createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { codeOf, reasonOf, SetupError } from './setup-error.js';

/** Lets a server listen on 127.0.0.1. @param port 0 for one that is free @returns its port */
export async function listenOn(server: Server, port = 0): Promise<number> {
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** `count` different TCP ports on 127.0.0.1 that are free at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held until the last one is known: the kernel could otherwise return one port twice.
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(async (server) => listenOn(server)));
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
    const server = createServer();
    await listenOn(server, port);
    await close(server);
  } catch (error) {
    const code = codeOf(error);
    const reason =
      code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code ?? reasonOf(error)})`;
    throw new SetupError(`Port ${port}, needed by ${who}, ${reason}: stop that program or set ${variable}.`);
  }
}
