/**
 * Loads the system that `npm start` keeps up, and says what an order costs:
 *   npm run load -- --orders 2000 --concurrency 32 [--mix]   many at once; --mix: all tokens, and more than there is in stock
 *   npm run load -- --sequential 200                         one after another, each from an idle system
 *   --url http://localhost:3001                              any system: the URL of its orders, the others at the next ports
 */
import { parseArgs } from 'node:util';
import { reasonOf, type ServiceName, SetupError } from '@orderflow/local';
import { requireRunning } from '../../ops/src/demo/running-system.ts';
import { Shop } from '../../ops/src/demo/shop.ts';
import { tableOf } from '../../ops/src/demo/table.ts';
import { urlsFrom } from '../../ops/src/demo/urls.ts';
import { type CpuTimes, cpuTimesOf } from './load-cpu.ts';
import { Poster, randomOrder } from './load-orders.ts';
import { postAll, SETTLE_TIMEOUT_MS, stockUp, untilSettled } from './load-run.ts';
import { quantile } from './statistics.ts';

interface Target {
  urls: Record<ServiceName, string>;
  pids: Record<string, number>;
}

const customerId = `load-${Date.now().toString(36)}`;

const seconds = (since: number): number => (performance.now() - since) / 1000;

const spread = (values: readonly number[]): string =>
  `p50 ${quantile(values, 0.5).toFixed(1)} ms, p99 ${quantile(values, 0.99).toFixed(1)} ms`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '2000' },
      concurrency: { type: 'string', default: '32' },
      sequential: { type: 'string' },
      mix: { type: 'boolean', default: false },
      url: { type: 'string' },
    },
  });
  const count = (name: 'orders' | 'concurrency' | 'sequential'): number => {
    const value = Number(values[name] ?? 1);
    if (Number.isInteger(value) && value > 0) return value;
    throw new SetupError(`--${name} must be a whole number above 0.`);
  };
  return {
    orders: count('orders'),
    concurrency: count('concurrency'),
    sequential: values.sequential === undefined ? undefined : count('sequential'),
    mixed: values.mix,
    url: values.url,
  };
}

function printCosts(orders: number, before: CpuTimes, after: CpuTimes): void {
  const rows = Object.entries(after).map(([name, now]) => [name, now - (before[name] ?? 0)] as const);
  if (rows.length === 0) return;
  const total = rows.reduce((sum, [, used]) => sum + used, 0);
  const line = (name: string, used: number) => [name, (used / orders).toFixed(3), (used / 1000).toFixed(1)];
  const heading = ['process', 'CPU ms per order', 'CPU s'];
  console.log(tableOf([heading, ...rows.map(([name, used]) => line(name, used)), line('together', total)]));
}

async function loadAtOnce(target: Target, orders: number, concurrency: number, mixed: boolean): Promise<void> {
  const poster = new Poster(target.urls.orders, concurrency);
  const pids = { ...target.pids, 'load itself': process.pid };
  const before = cpuTimesOf(pids);
  const began = performance.now();
  const latencies = await postAll(poster, orders, concurrency, () => randomOrder(customerId, mixed));
  const posted = seconds(began);
  await untilSettled(target.urls.orders, customerId, orders);
  const settled = seconds(began);
  poster.close();
  console.log(`${orders} orders, ${concurrency} at a time${mixed ? ', all tokens mixed' : ''}`);
  console.log(`posted in ${posted.toFixed(2)} s (${(orders / posted).toFixed(0)}/s), POST ${spread(latencies)}`);
  console.log(`all settled after ${settled.toFixed(2)} s: ${(orders / settled).toFixed(0)} orders/s`);
  printCosts(orders, before, cpuTimesOf(pids));
}

async function loadOneByOne(target: Target, shop: Shop, orders: number): Promise<void> {
  const poster = new Poster(target.urls.orders, 1);
  const posts: number[] = [];
  const confirmations: number[] = [];
  for (let placed = 0; placed < orders; placed++) {
    const since = performance.now();
    const orderId = await poster.post(randomOrder(customerId, false));
    posts.push(performance.now() - since);
    await shop.orderWhen(orderId, ({ status }) => status === 'confirmed', SETTLE_TIMEOUT_MS, 5);
    confirmations.push(performance.now() - since);
    await shop.orderWhen(orderId, ({ settled }) => settled, SETTLE_TIMEOUT_MS);
  }
  poster.close();
  console.log(`${orders} orders, one after another, each when the one before was settled`);
  console.log(`POST ${spread(posts)}`);
  console.log(`POST to confirmed ${spread(confirmations)}`);
}

try {
  const { orders, concurrency, sequential, mixed, url } = readOptions();
  const target: Target = url === undefined ? requireRunning() : { urls: urlsFrom(url), pids: {} };
  const shop = new Shop(target.urls);
  await stockUp(shop, customerId, sequential ?? orders);
  if (sequential === undefined) await loadAtOnce(target, orders, concurrency, mixed);
  else await loadOneByOne(target, shop, sequential);
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
