import { randomInt } from 'node:crypto';
import { assertPortFree } from '@orderflow/local';

// Linux gives the ports from 32768 on to outgoing connections: one of those could take the port of a server that is restarting.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** TCP ports on 127.0.0.1 that are free, and stay free while their server restarts. @throws Error if there are too few */
async function lastingPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = randomInt(LOWEST, HIGHEST - 1_000); ports.length < count && port < HIGHEST; port++) {
    await assertPortFree(port, 'the fault rig', '').then(
      () => ports.push(port),
      () => undefined,
    );
  }
  if (ports.length < count) throw new Error('there are not enough free ports');
  return ports;
}

export type Ports = Awaited<ReturnType<typeof choosePorts>>;

/** A port for everything that listens. A broker has one for clients without the proxy, and one that the proxy connects to. */
export async function choosePorts(brokers: number) {
  const ports = await lastingPorts(13 + 4 * brokers);
  const next = () => ports.pop()!;
  const four = () => ({ orders: next(), inventory: next(), payments: next(), notifications: next() });
  return {
    brokers: Array.from({ length: brokers }, () => ({
      direct: next(),
      controller: next(),
      behindProxy: next(),
      proxy: next(),
    })),
    postgres: { behindProxy: next(), proxy: next() },
    registry: next(),
    first: { ...four(), sandbox: next(), smtp: next() },
    second: four(),
  };
}
