/**
 * This checkout beside another one, e.g. of an earlier commit: both take turns on one PostgreSQL and one Kafka, each with
 * empty databases and topics and the same load.
 *   git worktree add ../before <commit> && (cd ../before && npm ci && npm run generate && npm run build)
 *   npm run beside -- --folder ../before [--orders 3000] [--rounds 3] [--concurrency 32] [--warm-up 3000]
 *   --assert   exit code 1 when this checkout settles less than 95 % of the other's orders per second
 * Every order must be confirmed. Both run on the Node, the PostgreSQL, the Kafka and the registry of this checkout.
 */
import { resolve } from 'node:path';
import { runAndClean, SetupError, TemporaryStack } from '@orderflow/local';
import { root } from '../../ops/src/demo/running-system.ts';
import { measureCheckout } from './beside/measure.ts';
import { costWords, ordersPerSecond, printCosts } from './cost/cost.ts';
import { inRounds, printingTurns, ratioOf, readOptions, yardstick } from './harness.ts';

const LEAST_RATIO = 0.95;

async function run(): Promise<boolean> {
  const defaults = { folder: '', orders: 3000, rounds: 3, concurrency: 32, warmUp: 3000, assert: false };
  const { folder, rounds, assert, ...load } = readOptions(defaults);
  if (folder === '') throw new SetupError('--folder is missing: it names another checkout, which is built.');
  const stack = await TemporaryStack.start('beside');
  const checkouts = [
    { name: 'before', folder: resolve(folder) },
    { name: 'this', folder: root },
  ];
  const sides = printingTurns(
    checkouts.map(({ name, folder: checkout }, side) => ({
      name,
      measure: async (round: number) => measureCheckout(stack, checkout, `r${round}s${side}`, load),
    })),
    costWords,
  );
  console.log(`${yardstick()}\n${load.orders} orders, ${load.concurrency} at a time, after ${load.warmUp} to warm up`);
  // PostgreSQL, Kafka and the page cache are cold in the first run.
  await sides[0]!.measure(0);
  const measured = await inRounds(rounds, sides);
  printCosts('checkout', measured, sides);
  await stack.stop();
  const ratio = ratioOf(measured, 1, ordersPerSecond);
  if (ratio < LEAST_RATIO) console.log(`this checkout settles ${(ratio * 100).toFixed(1)} % of the orders per second`);
  return !assert || ratio >= LEAST_RATIO;
}

await runAndClean(run);
