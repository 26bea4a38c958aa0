/**
 * Loads the system that `npm start` keeps up, and prints the cost of an order:
 *   npm run load -- --orders 2000 --concurrency 32 [--mix]   many at once; --mix: all tokens, and more than is in stock
 *   npm run load -- --sequential 200                         one after another, each from an idle system
 *   --rounds 3                                               repeats it, and prints medians with their spread
 *   --url http://localhost:3001                              any system: the URL of its orders, the others at the next ports
 */
import { parseArgs } from 'node:util';
import { SystemClient, type ServiceUrls, urlsFrom } from '@orderflow/client';
import { reasonOf } from '@orderflow/local';
import { requireRunning } from '../../ops/src/demo/running-system.ts';
import { tableOf } from '../../ops/src/demo/table.ts';
import { inRounds, medianOf, type Rounds, spreadOf, wholeNumber, yardstick } from './harness.ts';
import { type CpuTimes, cpuTimesOf } from './load-cpu.ts';
import { Poster, randomOrder, stockUp } from './load-orders.ts';
import { POLL_MS, postAll, SETTLE_TIMEOUT_MS } from './load-run.ts';
import { quantile } from './statistics.ts';

interface Target {
  urls: ServiceUrls;
  pids: Record<string, number>;
}

/** By their printed names. */
type Figures = Record<string, number>;

const secondsSince = (since: number): number => (performance.now() - since) / 1000;

const latenciesOf = (name: string, values: readonly number[]): Figures => ({
  [`${name} p50, ms`]: quantile(values, 0.5),
  [`${name} p99, ms`]: quantile(values, 0.99),
});

function readOptions() {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '2000' },
      concurrency: { type: 'string', default: '32' },
      sequential: { type: 'string' },
      rounds: { type: 'string', default: '1' },
      mix: { type: 'boolean', default: false },
      url: { type: 'string' },
    },
  });
  return {
    orders: wholeNumber('orders', values.sequential ?? values.orders),
    concurrency: wholeNumber('concurrency', values.concurrency),
    sequential: values.sequential !== undefined,
    rounds: wholeNumber('rounds', values.rounds),
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

function printFigures(rounds: Rounds<Figures>): void {
  const names = Object.keys(rounds[0]?.[0] ?? {});
  const rows = names.map((name) => {
    const valueOf = (it: Figures) => it[name] ?? NaN;
    return [name, medianOf(rounds, 0, valueOf).toFixed(1), spreadOf(rounds, 0, valueOf, 1)];
  });
  console.log(
    `\n${tableOf([['figure', rounds.length === 1 ? 'value' : `median of ${rounds.length}`, 'spread'], ...rows])}`,
  );
}

async function loadAtOnce(client: SystemClient, customerId: string, options: ReturnType<typeof readOptions>) {
  const { orders, concurrency, mixed } = options;
  const poster = new Poster(client.urls.orders, concurrency);
  const began = performance.now();
  const latencies = await postAll(poster, orders, concurrency, () => randomOrder(customerId, mixed));
  const posted = secondsSince(began);
  await client.allSettled(customerId, orders, SETTLE_TIMEOUT_MS, POLL_MS);
  const settled = secondsSince(began);
  poster.close();
  return {
    'all posted after, s': posted,
    'all settled after, s': settled,
    'settled orders/s': orders / settled,
    ...latenciesOf('POST', latencies),
  };
}

async function loadOneByOne(client: SystemClient, customerId: string, orders: number): Promise<Figures> {
  const poster = new Poster(client.urls.orders, 1);
  const posts: number[] = [];
  const confirmations: number[] = [];
  for (let placed = 0; placed < orders; placed++) {
    const since = performance.now();
    const orderId = await poster.post(randomOrder(customerId, false));
    posts.push(performance.now() - since);
    await client.orderWhen(orderId, ({ status }) => status === 'confirmed', SETTLE_TIMEOUT_MS, 5);
    confirmations.push(performance.now() - since);
    await client.settled(orderId, SETTLE_TIMEOUT_MS);
  }
  poster.close();
  return { ...latenciesOf('POST', posts), ...latenciesOf('POST to confirmed', confirmations) };
}

async function load(): Promise<void> {
  const options = readOptions();
  const { orders, concurrency, sequential, rounds, mixed, url } = options;
  const target: Target = url === undefined ? requireRunning() : { urls: urlsFrom(url), pids: {} };
  const client = new SystemClient(target.urls);
  const run = Date.now().toString(36);
  await stockUp(client, orders * rounds);
  console.log(yardstick());
  const how = sequential ? 'one after another, from an idle system' : `${concurrency} at a time`;
  console.log(`${orders} orders, ${how}${mixed ? ', all tokens mixed' : ''}`);
  const pids = { ...target.pids, 'load itself': process.pid };
  const before = cpuTimesOf(pids);
  const measure = async (round: number): Promise<Figures> =>
    sequential
      ? loadOneByOne(client, `load-${run}-${round}`, orders)
      : loadAtOnce(client, `load-${run}-${round}`, options);
  printFigures(await inRounds(rounds, [{ name: 'load', measure }]));
  if (!sequential) printCosts(orders * rounds, before, cpuTimesOf(pids));
}

try {
  await load();
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
