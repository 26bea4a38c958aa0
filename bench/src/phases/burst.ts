import { untilSettled } from '../checks/read-facts.ts';
import type { Figures } from '../figures.ts';
import type { Run } from './run.ts';
import type { Workload } from '../workloads.ts';

export interface BurstSize {
  readonly orders: number;
  readonly concurrency: number;
}

/** Places orders as fast as the system takes them, and waits until all are settled: what an order costs at full load. */
export async function burst(run: Run, workload: Workload, { orders, concurrency }: BurstSize): Promise<Figures> {
  const meter = run.meter();
  const before = await run.system.batches();
  await run.generator.atOnce(orders, concurrency, workload);
  await untilSettled(run.system, run.generator.accepted.size);
  const { seconds, cpuMs, ownCpuMs, otherCores } = meter.read();
  // The sink replaces a collector, which is no part of the system.
  const { sink: _sink, ...processes } = cpuMs;
  const figures: Record<string, number> = { 'orders/s until all are settled': orders / seconds };
  figures['CPU ms an order'] = Object.values(processes).reduce((sum, ms) => sum + ms, 0) / orders;
  for (const [name, ms] of Object.entries(processes)) figures[`CPU ms an order: ${name}`] = ms / orders;
  figures['CPU ms an order: the load itself'] = ownCpuMs / orders;
  for (const [group, { messages, count }] of Object.entries(await run.system.batches())) {
    const earlier = before[group] ?? { messages: 0, count: 0 };
    figures[`commands a batch: ${group}`] = (messages - earlier.messages) / (count - earlier.count);
  }
  figures['cores busy with other work'] = otherCores;
  return figures;
}
