import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseUrlOf, freePort, serviceNames, SetupError, spawnGuarded, type System } from '@orderflow/local';
import pg from 'pg';
import { ask } from '../../../ops/src/demo/http.ts';
import { root } from '../../../ops/src/demo/running-system.ts';
import { Shop } from '../../../ops/src/demo/shop.ts';
import { cpuTimesOf } from '../load-cpu.ts';
import { Poster, randomOrder } from '../load-orders.ts';
import { postAll, stockUp, untilSettled } from '../load-run.ts';
import type { TemporaryStack } from '@orderflow/local';

const SINK_TIMEOUT_MS = 30_000;
// A service sends its spans 5 s after they ended, at the latest.
const QUIET_MS = 5_500;
const POLL_MS = 100;

export interface Load {
  orders: number;
  concurrency: number;
  warmUp: number;
}

/** What was seen with one load. */
export interface Cost {
  ordersPerSecond: number;
  /** CPU milliseconds per order of the four services and the sandbox, until their last span is sent. */
  cpuMs: number;
  /** The same of what takes the spans. */
  sinkCpuMs: number;
  spansPerOrder: number;
  bytesPerOrder: number;
}

interface Counts {
  spans: number;
  bytes: number;
  quietMs: number;
}

/** The process that takes the spans. */
export class Sink {
  readonly url: string;
  readonly pid: number;

  private constructor(url: string, pid: number) {
    this.url = url;
    this.pid = pid;
  }

  static async start(): Promise<Sink> {
    const port = await freePort();
    const program = join(root, 'bench', 'src', 'trace-cost', 'sink.ts');
    const { pid } = spawnGuarded(process.execPath, [program, String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (pid === undefined) throw new SetupError('the sink for spans cannot be started');
    const sink = new Sink(`http://127.0.0.1:${port}`, pid);
    const deadline = Date.now() + SINK_TIMEOUT_MS;
    for (;;) {
      try {
        await sink.counts();
        return sink;
      } catch (error) {
        if (Date.now() >= deadline) throw error;
      }
      await sleep(POLL_MS);
    }
  }

  async counts(): Promise<Counts> {
    return ask('GET', this.url);
  }

  /** What it has heard, once nothing has come for a while after `since`, which is as long where nothing comes at all. */
  async countsWhenQuiet(since: number): Promise<Counts> {
    const deadline = since + SINK_TIMEOUT_MS;
    for (;;) {
      const counts = await this.counts();
      const now = performance.now();
      if (Math.min(counts.quietMs, now - since) >= QUIET_MS) return counts;
      if (now >= deadline) throw new Error(`spans still come ${SINK_TIMEOUT_MS / 1000} s after the last order`);
      await sleep(POLL_MS);
    }
  }
}

const sumOf = (values: Record<string, number>): number => Object.values(values).reduce((sum, value) => sum + value, 0);

async function loadWith(system: System, customerId: string, { orders, concurrency }: Load): Promise<number> {
  const poster = new Poster(system.urls.orders, concurrency);
  const began = performance.now();
  try {
    await postAll(poster, orders, concurrency, () => randomOrder(customerId, false));
    await untilSettled(system.urls.orders, customerId, orders);
    return (performance.now() - began) / 1000;
  } finally {
    poster.close();
  }
}

async function measureSystem(system: System, sink: Sink, load: Load): Promise<Cost> {
  await stockUp(new Shop(system.urls), 'warm-up', load.orders + load.warmUp);
  await loadWith(system, 'warm-up', { ...load, orders: load.warmUp });
  const countsBefore = await sink.countsWhenQuiet(performance.now());
  const pids = Object.fromEntries(serviceNames.map((name) => [name, system.service(name).pid]));
  const cpu = () => ({ services: sumOf(cpuTimesOf(pids)), sink: sumOf(cpuTimesOf({ sink: sink.pid })) });
  const cpuBefore = cpu();
  const seconds = await loadWith(system, 'measured', load);
  const counts = await sink.countsWhenQuiet(performance.now());
  const cpuAfter = cpu();
  return {
    ordersPerSecond: load.orders / seconds,
    cpuMs: (cpuAfter.services - cpuBefore.services) / load.orders,
    sinkCpuMs: (cpuAfter.sink - cpuBefore.sink) / load.orders,
    spansPerOrder: (counts.spans - countsBefore.spans) / load.orders,
    bytesPerOrder: (counts.bytes - countsBefore.bytes) / load.orders,
  };
}

/** The tables of a run that is over would be vacuumed during the next one. */
async function dropDatabases(serverUrl: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrlOf(serverUrl, 'postgres') });
  await client.connect();
  for (const name of serviceNames) await client.query(`DROP DATABASE "${prefix}${name}" WITH (FORCE)`);
  await client.end();
}

/**
 * Starts a system with these settings on empty databases and topics, warms it up, loads it, and ends it.
 * @param run its own name among the runs on this stack: letters and digits
 */
export async function measureRun(
  stack: TemporaryStack,
  sink: Sink,
  run: string,
  env: Record<string, string>,
  load: Load,
): Promise<Cost> {
  const databasePrefix = `${run}_`;
  const system = await stack.startSystem({ databasePrefix, topicPrefix: `${run}.`, env: { all: env } });
  const cost = await Promise.race([measureSystem(system, sink, load), stack.broken]);
  await system.stop();
  await dropDatabases(stack.infrastructure.databaseUrl, databasePrefix);
  return cost;
}
