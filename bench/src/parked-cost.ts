/**
 * The cost of one parked order for the others: the same orders at a constant rate without and with one order that is parked as
 * long as they flow, in alternating turns on one system of its own.
 *   npm run parked-cost -- [--orders 1000] [--seconds 60] [--rounds 3]
 *   --assert   exit code 1 when the others' p99 is more than a fifth longer beside it
 * Latency is from the request until `NotificationSent` is appended, by the broker's clock. The parked order must end confirmed
 * each time, with its events in order.
 */
import { SystemClient } from '@orderflow/client';
import { TemporaryStack, runAndClean } from '@orderflow/local';
import { tableOf } from '../../ops/src/demo/table.ts';
import { atRate } from './arrivals.ts';
import { inRounds, medianOf, ratioOf, readOptions, type Rounds, type Side, spreadOf, yardstick } from './harness.ts';
import { Poster, randomOrder, stockUp } from './load-orders.ts';
import { MailTimes } from './parked-cost/mail-times.ts';
import { parkOrder } from './parked-cost/parked-order.ts';
import { quantile } from './statistics.ts';

const MAY_COST = 1.2;
const MOST_AT_ONCE = 256;
const prefixes = { databasePrefix: 'parked_cost_', topicPrefix: 'parked-cost.' };

/** Milliseconds. */
interface Latencies {
  p50: number;
  p99: number;
}

/** Posts so many orders at a constant rate, however long the responses take, and waits until each is mailed. */
async function flow(ordersUrl: string, times: MailTimes, orders: number, durationMs: number): Promise<Latencies> {
  const poster = new Poster(ordersUrl, MOST_AT_ONCE);
  try {
    const latencies = await atRate(orders, (orders * 1000) / durationMs, async () => {
      const postedAt = Date.now();
      const orderId = await poster.post(randomOrder('parked-cost', false));
      return (await times.mailOf(orderId)) - postedAt;
    });
    return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
  } finally {
    poster.close();
  }
}

function printTable(rounds: Rounds<Latencies>, sides: readonly Side<Latencies>[]): void {
  const p50 = (it: Latencies) => it.p50;
  const p99 = (it: Latencies) => it.p99;
  const rows = sides.map(({ name }, side) => [
    name,
    `${medianOf(rounds, side, p50).toFixed(0)} ms`,
    `${medianOf(rounds, side, p99).toFixed(0)} ms`,
    spreadOf(rounds, side, p99),
    ratioOf(rounds, side, p99).toFixed(2),
  ]);
  console.log(`\n${tableOf([['others', 'p50', 'p99', 'spread of p99', 'p99, median ratio'], ...rows])}`);
}

async function run(): Promise<boolean> {
  const { orders, seconds, rounds, assert } = readOptions({ orders: 1000, seconds: 60, rounds: 3, assert: false });
  const stack = await TemporaryStack.start('parked-cost');
  const system = await stack.startSystem({ ...prefixes, env: { sandbox: { SLOW_SECONDS: '1' } } });
  const client = new SystemClient(system.urls);
  await stockUp(client, (2 * rounds + 1) * orders + rounds);
  const times = await MailTimes.open({ ...stack.infrastructure, topicPrefix: prefixes.topicPrefix });
  const load = (count: number, inSeconds: number) =>
    Promise.race([flow(system.urls.orders, times, count, inSeconds * 1000), stack.broken]);
  const report = (round: number, { p99 }: Latencies, how: string) =>
    console.log(`round ${round}: p99 ${p99.toFixed(0)} ms ${how}`);
  const without: Side<Latencies> = {
    name: 'without a parked order',
    measure: async (round) => {
      const latencies = await load(orders, seconds);
      report(round, latencies, without.name);
      return latencies;
    },
  };
  const beside: Side<Latencies> = {
    name: 'beside a parked order',
    measure: async (round) => {
      const parked = await parkOrder(client, times);
      const latencies = await load(orders, seconds);
      const parkedSeconds = ((await parked.release()) / 1000).toFixed(1);
      report(round, latencies, `${beside.name} that was parked for ${parkedSeconds} s and ended in order`);
      return latencies;
    },
  };
  const sides = [without, beside];
  console.log(`${yardstick()}\n${orders} orders in ${seconds} s, ${rounds} rounds`);
  await load(orders, seconds / 2);
  const measured = await inRounds(rounds, sides);
  printTable(measured, sides);
  const ratio = ratioOf(measured, 1, ({ p99 }) => p99);
  if (ratio > MAY_COST)
    console.log(`A parked order costs the others more than a fifth of their p99: ${ratio.toFixed(2)}`);
  await times.close();
  await system.stop();
  await stack.stop();
  return !assert || ratio <= MAY_COST;
}

await runAndClean(run);
