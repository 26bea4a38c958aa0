import { untilSettled } from '../checks/read-facts.ts';
import type { Figures } from '../figures.ts';
import type { Workload } from '../workloads.ts';
import type { BurstSize } from './burst.ts';
import type { Run } from './run.ts';

/**
 * Orders pile up while inventory is stopped; then it starts, and all must be settled.
 * @returns no figures where inventory cannot be stopped without the system
 */
export async function drainBacklog(run: Run, workload: Workload, { orders, concurrency }: BurstSize): Promise<Figures> {
  if (!run.system.services.includes('inventory')) return {};
  const inventory = run.system.service('inventory');
  await inventory.kill('SIGTERM');
  await run.generator.atOnce(orders, concurrency, workload);
  await inventory.start();
  const since = performance.now();
  await untilSettled(run.system, run.generator.accepted.size);
  const seconds = (performance.now() - since) / 1000;
  return { 'orders in the backlog': orders, 'orders/s from the backlog': orders / seconds };
}
