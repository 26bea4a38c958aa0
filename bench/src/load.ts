/**
 * Loads the system that `npm start` keeps up, and prints the cost of an order:
 *   npm run load -- --orders 2000 --concurrency 32 [--mix]   many at once; --mix: all tokens, and more than is in stock
 *   npm run load -- --sequential 200                         one after another, each from an idle system
 *   --rounds 3                                               repeats it, and prints medians with their spread
 *   --url http://localhost:3001                              any system: the URL of its orders, the others at the next ports;
 *                                                            ORDERFLOW_TOKEN holds an operator's token, where it asks for one
 */
import { SystemClient, urlsFrom } from '@orderflow/client';
import { reasonOf } from '@orderflow/local';
import { tokenOf } from '../../ops/src/caller.ts';
import { requireRunning, type RunningSystem } from '../../ops/src/demo/running-system.ts';
import { tableOf } from '../../ops/src/demo/table.ts';
import { inRounds, medianOf, readOptions, type Rounds, spreadOf, yardstick } from './harness.ts';
import { type CpuTimes, cpuTimesOf } from './load-cpu.ts';
import { Poster, randomOrder, stockUp } from './load-orders.ts';
import { type Load, placeAndSettle, SETTLE_TIMEOUT_MS } from './load-run.ts';
import { quantile } from './statistics.ts';

/** By their printed names. */
type Figures = Record<string, number>;

const latenciesOf = (name: string, values: readonly number[]): Figures => ({
  [`${name} p50, ms`]: quantile(values, 0.5),
  [`${name} p99, ms`]: quantile(values, 0.99),
});

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

async function loadAtOnce(client: SystemClient, customerId: string, load: Load): Promise<Figures> {
  const { latencies, postedSeconds, settledSeconds } = await placeAndSettle(client, customerId, load);
  return {
    'all posted after, s': postedSeconds,
    'all settled after, s': settledSeconds,
    'settled orders/s': load.orders / settledSeconds,
    ...latenciesOf('POST', latencies),
  };
}

async function loadOneByOne(client: SystemClient, customerId: string, orders: number): Promise<Figures> {
  const poster = new Poster(client.urls.orders, 1, client.token);
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
  const defaults = { orders: 2000, concurrency: 32, sequential: 0, rounds: 1, mix: false, url: '' };
  const { sequential, rounds, url, ...atOnce } = readOptions(defaults);
  const orders = sequential || atOnce.orders;
  const target: Pick<RunningSystem, 'urls' | 'pids'> =
    url === '' ? requireRunning() : { urls: urlsFrom(url), pids: {} };
  const token = await tokenOf({ url: url || undefined, role: 'operator' });
  const client = new SystemClient(target.urls, token);
  const run = Date.now().toString(36);
  await stockUp(client, orders * rounds);
  console.log(yardstick());
  const how = sequential ? 'one after another, from an idle system' : `${atOnce.concurrency} at a time`;
  console.log(`${orders} orders, ${how}${atOnce.mix ? ', all tokens mixed' : ''}`);
  const pids = { ...target.pids, 'load itself': process.pid };
  const before = cpuTimesOf(pids);
  const measure = async (round: number): Promise<Figures> => {
    const customerId = `load-${run}-${round}`;
    return sequential ? loadOneByOne(client, customerId, orders) : loadAtOnce(client, customerId, atOnce);
  };
  printFigures(await inRounds(rounds, [{ name: 'load', measure }]));
  if (!sequential) printCosts(orders * rounds, before, cpuTimesOf(pids));
}

try {
  await load();
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
