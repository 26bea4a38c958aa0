import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { serviceNames, type ServiceUrls, SystemClient } from '@orderflow/client';
import { databaseUrlOf, dropDatabase, spawnGuarded, stopProcess, type TemporaryStack } from '@orderflow/local';
import { type Cost, costOf, type WarmLoad } from '../cost/cost.ts';
import type { Served } from './serve.ts';

const PROGRAM = join(import.meta.dirname, 'serve.ts');
const STOP_MS = 60_000;

/** What the program prints. */
interface Serving {
  readonly urls: ServiceUrls;
  readonly pids: Readonly<Record<string, number>>;
}

/** Starts the system of a checkout by its own code, in a process that stops it when it is told to end. */
async function serve(stack: TemporaryStack, checkout: string, served: Served) {
  const args = [PROGRAM, checkout, JSON.stringify(served)];
  const child = spawnGuarded(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then((): never => {
    throw new Error(`the system of ${checkout} ended (logs: ${served.log})`);
  });
  // It rejects after an orderly stop too.
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface(child.stdout!), 'line'), ended, stack.broken])) as [string];
  return { system: JSON.parse(line) as Serving, ended, stop: async () => stopProcess(child, 'SIGTERM', STOP_MS) };
}

/**
 * Starts the system of a checkout on empty databases and topics, warms it up, loads it, and ends it.
 * @param run its own name among the runs on this stack: letters and digits
 */
export async function measureCheckout(
  stack: TemporaryStack,
  checkout: string,
  run: string,
  load: WarmLoad,
): Promise<Cost> {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl, pids } = stack.infrastructure;
  const databasePrefix = `${run}_`;
  const infrastructure = { databaseUrl, kafkaBrokers, schemaRegistryUrl };
  const served = { infrastructure, databasePrefix, topicPrefix: `${run}.`, log: join(stack.dir, 'logs', run) };
  const { system, ended, stop } = await serve(stack, checkout, served);
  const loaded = costOf(new SystemClient(system.urls), { ...pids, ...system.pids }, load);
  const cost = await Promise.race([loaded, ended, stack.broken]);
  await stop();
  // Else the tables of this run would be vacuumed during the next one.
  for (const name of serviceNames) await dropDatabase(databaseUrlOf(databaseUrl, databasePrefix + name));
  return cost;
}
