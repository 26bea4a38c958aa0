/**
 * The cost of the console: the same system without it and with it, in alternating turns on one stack, each with the same load.
 *   npm run console-cost -- [--orders 3000] [--rounds 5] [--concurrency 32] [--warm-up 3000]
 *   --indexes  also the console without the two newest indexes of its search_terms
 *   --assert   exit code 1 when orders/s with the console are below 90 % of those without
 * Every order must be confirmed, and the audit must pass: with the console, its journal must equal the topics. CPU counts until
 * the journal has read all events.
 */
import { runAndClean, TemporaryStack } from '@orderflow/local';
import { costWords, ordersPerSecond, printCosts } from './cost/cost.ts';
import { type Mode, measureRun } from './console-cost/measure.ts';
import { inRounds, printingTurns, ratioOf, readOptions, yardstick } from './harness.ts';

const LEAST_OF_OFF = 0.9;

const modes: readonly { name: string; mode: Mode }[] = [
  { name: 'off', mode: 'off' },
  { name: 'on', mode: 'on' },
  { name: 'on, two indexes fewer', mode: 'less' },
];

async function run(): Promise<boolean> {
  const defaults = { orders: 3000, rounds: 5, concurrency: 32, warmUp: 3000, indexes: false, assert: false };
  const { rounds, indexes, assert, ...load } = readOptions(defaults);
  const stack = await TemporaryStack.start('console-cost');
  const sides = printingTurns(
    modes.slice(0, indexes ? 3 : 2).map(({ name, mode }) => ({
      name,
      measure: async (round: number) => measureRun(stack, `r${round}${mode}`, mode, load),
    })),
    costWords,
  );
  console.log(`${yardstick()}\n${load.orders} orders, ${load.concurrency} at a time, after ${load.warmUp} to warm up`);
  // PostgreSQL, Kafka and the page cache are cold in the first run.
  await sides[0]!.measure(0);
  const measured = await inRounds(rounds, sides);
  printCosts('console', measured, sides);
  const ratio = ratioOf(measured, 1, ordersPerSecond);
  if (ratio < LEAST_OF_OFF)
    console.log(`The console costs more than a tenth of the orders per second: ${ratio.toFixed(2)}`);
  await stack.stop();
  return !assert || ratio >= LEAST_OF_OFF;
}

await runAndClean(run);
