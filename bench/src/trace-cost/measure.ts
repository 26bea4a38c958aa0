import { demand, eventually, serviceNames, SystemClient } from '@orderflow/client';
import type { System, TemporaryStack } from '@orderflow/local';
import type { WarmLoad } from '../cost/cost.ts';
import { onOwnSystem } from '../cost/own-system.ts';
import { cpuTimesOf } from '../load-cpu.ts';
import { stockUp } from '../load-orders.ts';
import { placeAndSettle } from '../load-run.ts';
import type { Sink } from '../spans.ts';

const SINK_TIMEOUT_MS = 30_000;
// A service sends its spans 5 s after they ended, at the latest.
const QUIET_MS = 5_500;

/** The figures of one load. */
export interface Cost {
  ordersPerSecond: number;
  /** CPU milliseconds per order of the four services and the sandbox, until their last span is sent. */
  cpuMs: number;
  /** The same of the sink. */
  sinkCpuMs: number;
  spansPerOrder: number;
  bytesPerOrder: number;
}

interface Counts {
  spans: number;
  bytes: number;
  quietMs: number;
}

/** The counts of the sink once no span has arrived for 5.5 s, none of which lie before this call. */
async function countsWhenQuiet({ url }: Sink): Promise<Counts> {
  const since = performance.now();
  return eventually(async () => {
    const counts = await demand<Counts>(url);
    if (Math.min(counts.quietMs, performance.now() - since) >= QUIET_MS) return counts;
    throw new Error(`spans still arrive ${SINK_TIMEOUT_MS / 1000} s after the last order`);
  }, SINK_TIMEOUT_MS);
}

const sumOf = (values: Record<string, number>): number => Object.values(values).reduce((sum, value) => sum + value, 0);

async function measureSystem(system: System, sink: Sink, load: WarmLoad): Promise<Cost> {
  const client = new SystemClient(system.urls);
  await stockUp(client, load.orders + load.warmUp);
  await placeAndSettle(client, 'warm-up', { ...load, orders: load.warmUp });
  const countsBefore = await countsWhenQuiet(sink);
  const pids = Object.fromEntries(serviceNames.map((name) => [name, system.service(name).pid]));
  const cpu = () => ({ services: sumOf(cpuTimesOf(pids)), sink: sumOf(cpuTimesOf({ sink: sink.pid })) });
  const cpuBefore = cpu();
  const { settledSeconds } = await placeAndSettle(client, 'measured', load);
  const counts = await countsWhenQuiet(sink);
  const cpuAfter = cpu();
  return {
    ordersPerSecond: load.orders / settledSeconds,
    cpuMs: (cpuAfter.services - cpuBefore.services) / load.orders,
    sinkCpuMs: (cpuAfter.sink - cpuBefore.sink) / load.orders,
    spansPerOrder: (counts.spans - countsBefore.spans) / load.orders,
    bytesPerOrder: (counts.bytes - countsBefore.bytes) / load.orders,
  };
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
  load: WarmLoad,
): Promise<Cost> {
  return onOwnSystem(stack, { run, env: { all: env } }, async (system) => measureSystem(system, sink, load));
}
