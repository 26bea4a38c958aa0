/**
 * What each table and each topic grows by with an order: sizes before and after so many orders, on a system of its own.
 *   npm run growth -- [--orders 2000] [--concurrency 16]
 * Orders with one to three lines, all confirmed. What is deleted and when: docs/growth.md, where the figures are recorded.
 */
import { join } from 'node:path';
import { eventually, SystemClient } from '@orderflow/client';
import { runAndClean, TemporaryStack } from '@orderflow/local';
import { tableOf } from '../../ops/src/demo/table.ts';
import { type MeasuredSystem, type Sizes, sizesOf } from './growth/sizes.ts';
import { readOptions, yardstick } from './harness.ts';
import { stockUp } from './load-orders.ts';
import { placeAndSettle } from './load-run.ts';

const prefixes = { databasePrefix: 'growth_', topicPrefix: 'growth.' };
// The first rows of a table take whole pages.
const WARM_UP = 300;
const EMPTY_TIMEOUT_MS = 60_000;

function printGrowth(orders: number, before: Sizes, after: Sizes): void {
  const rows = [...after].map(([name, { bytes, rows: count }]) => {
    const had = before.get(name);
    const perOrder = (now: number, then = 0) => (now - then) / orders;
    const rowsPerOrder = count === undefined ? '' : perOrder(count, had?.rows).toFixed(2);
    return [name, rowsPerOrder, perOrder(bytes, had?.bytes).toFixed(0)];
  });
  console.log(tableOf([['table or topic', 'rows per order', 'bytes per order'], ...rows]));
}

/** The sizes once every event is published: a row of the outbox lives until then. */
async function sizesAtRest(system: MeasuredSystem): Promise<Sizes> {
  return eventually(async () => {
    const sizes = await sizesOf(system);
    const waiting = [...sizes].filter(([name, { rows = 0 }]) => name.endsWith('.outbox') && rows > 0);
    return waiting.length === 0 && sizes;
  }, EMPTY_TIMEOUT_MS);
}

async function run(): Promise<boolean> {
  const { orders, concurrency } = readOptions({ orders: 2000, concurrency: 16 });
  const stack = await TemporaryStack.start('growth');
  const system = await stack.startSystem({ ...prefixes, env: {} });
  const client = new SystemClient(system.urls);
  const measured = {
    ...prefixes,
    databaseUrl: stack.infrastructure.databaseUrl,
    logDir: join(stack.dir, 'kafka', 'logs'),
  };
  const grow = async (customer: string, count: number) => {
    await Promise.race([placeAndSettle(client, customer, { orders: count, concurrency }), stack.broken]);
    return sizesAtRest(measured);
  };
  await stockUp(client, orders + WARM_UP);
  console.log(`${yardstick()}\n${orders} orders, ${concurrency} at a time`);
  const before = await grow('growth-warm-up', WARM_UP);
  printGrowth(orders, before, await grow('growth', orders));
  await system.stop();
  await stack.stop();
  return true;
}

await runAndClean(run);
