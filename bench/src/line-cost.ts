/**
 * Measures what the lines of an order cost: CPU of all processes per order, for orders of one line, for orders as a real shop
 * has them, and for orders of 1,000 lines, on one system of its own:
 *   npm run line-cost -- --orders 400 --rounds 5 [--assert]
 *   npm run line-cost -- --orders 100 --rounds 1 --sales 19959    and then as many sales as the real shop had in a year
 * At the end every order must have had its effects once, and the audit must pass.
 */
import { Shop } from '@orderflow/console/shop';
import { runAndClean, TemporaryStack } from '@orderflow/local';
import { ratioOf, readOptions, yardstick } from './harness.ts';
import { burst } from './phases/burst.ts';
import { kindsInTurns } from './phases/cost-growth.ts';
import { Run } from './phases/run.ts';
import { memoryOf } from './process-memory.ts';
import { cpuOf, growthTable } from './report/growth-table.ts';
import { startSink } from './spans.ts';
import type { MeasuredSystem } from './systems/measured-system.ts';
import { ours } from './systems/ours.ts';
import { marketFrom, salesOf, type Workload } from './workloads.ts';

/** Times the CPU of an order of one line that an order may cost. */
const MAY_COST: Readonly<Record<string, number>> = { 'of a real shop': 1.1, '1,000 lines': 5 };
const MANY_LINES = 1_000;
/** Orders of 1,000 lines are fewer. */
const FEWER = 10;

/** The most that each process of the system had since its start. */
function peakMemory(system: MeasuredSystem): string {
  const each = Object.entries(system.pids()).map(([name, pid]) => `${name} ${memoryOf(pid).peak.toFixed(0)}`);
  return `peak memory, MiB: ${each.join(', ')}`;
}

/** Places further sales, each once. */
async function sell(run: Run, workload: Workload, sales: number, concurrency: number): Promise<void> {
  const since = performance.now();
  const figures = await burst(run, workload, { orders: sales, concurrency });
  const seconds = ((performance.now() - since) / 1000).toFixed(0);
  const lines = Math.round(sales * workload.lines);
  console.log(
    `\n${sales} sales, ${lines} lines: settled after ${seconds} s, ${cpuOf(figures).toFixed(1)} CPU ms per order`,
  );
}

async function measure(): Promise<boolean> {
  const defaults = { orders: 400, rounds: 5, concurrency: 64, seed: 1, sales: 0, assert: false };
  const { orders, rounds, concurrency, seed, sales, assert } = readOptions(defaults);
  const shop = new Shop(seed);
  const market = marketFrom(shop, {
    'one line': salesOf(shop, orders, 1),
    'of a real shop': salesOf(shop, orders),
    '1,000 lines': salesOf(shop, Math.ceil(orders / FEWER), MANY_LINES),
    sales: salesOf(shop, sales),
  });
  const [further, kinds] = [market.workloads.at(-1)!, market.workloads.slice(0, -1)];
  const stack = await TemporaryStack.start('line-cost');
  const sink = await startSink();
  const run = await Run.begin({ stack, sink, market }, ours(stack, sink.url), 'lines');
  console.log(`${yardstick()}\n${orders} orders, ${concurrency} at a time, ${rounds} rounds`);
  const measured = await Promise.race([kindsInTurns(run, kinds, { orders, concurrency, rounds }), stack.broken]);
  console.log(peakMemory(run.system));
  if (sales > 0) await Promise.race([sell(run, further, sales, concurrency), stack.broken]);
  const soundness = await run.judgeAndEnd();
  await stack.stop();
  const names = kinds.map(({ name }) => name);
  console.log(`\n${growthTable('ours', { by: 'orders', names, rounds: measured, soundness: [soundness] })}`);
  const tooDear = names.filter((name, side) => ratioOf(measured, side, cpuOf) > (MAY_COST[name] ?? Infinity));
  for (const name of tooDear) console.log(`orders ${name} cost more than ${MAY_COST[name]} times one of one line`);
  return soundness.sound && (!assert || tooDear.length === 0);
}

await runAndClean(measure);
