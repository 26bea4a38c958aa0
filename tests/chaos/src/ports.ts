import { randomInt } from 'node:crypto';
import { assertPortFree } from '@orderflow/local';

// Linux gives the ports from 32768 on to outgoing connections: one of those could take the port of a server that is restarting.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** TCP ports on 127.0.0.1 that are free, and stay free while their server restarts. @throws Error if there are too few */
export async function lastingPorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = randomInt(LOWEST, HIGHEST - 1_000); ports.length < count && port < HIGHEST; port++) {
    const free = await assertPortFree(port, 'the fault rig', '').then(
      () => true,
      () => false,
    );
    if (free) ports.push(port);
  }
  if (ports.length < count) throw new Error('there are not enough free ports');
  return ports;
}
