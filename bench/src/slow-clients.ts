/**
 * The latency of `POST /orders` beside slow clients: orders at a constant rate without and beside connections whose headers or
 * bodies do not end, or whose answers are not read, in alternating turns on one system of its own.
 *   npm run slow-clients -- [--connections 2000] [--rate 30] [--seconds 30] [--rounds 5]
 *   --assert   exit code 1 when the p99 of others is more than twice as long beside them
 * Latency counts from when a request was due. Every order must be accepted and confirmed, and the audit must pass.
 */
import { SystemClient } from '@orderflow/client';
import { runAndClean, TemporaryStack } from '@orderflow/local';
import { auditUntilPasses } from '../../ops/src/audit/audit.ts';
import { tableOf } from '../../ops/src/demo/table.ts';
import { atRate } from './arrivals.ts';
import {
  inRounds,
  medianOf,
  ratioOf,
  ratioSpreadOf,
  readOptions,
  type Rounds,
  type Side,
  spreadOf,
  yardstick,
} from './harness.ts';
import { Poster, randomOrder, stockUp } from './load-orders.ts';
import { SETTLE_TIMEOUT_MS } from './load-run.ts';
import { memoryOf } from './process-memory.ts';
import { startAttack } from './slow-clients/attack-process.ts';
import { watchingLoops } from './slow-clients/event-loops.ts';
import { quantile } from './statistics.ts';

const MAY_COST = 2;
const MOST_AT_ONCE = 256;
const AUDIT_MS = 60_000;
const prefixes = { databasePrefix: 'slow_clients_', topicPrefix: 'slow-clients.' };

/** Milliseconds, and MiB that orders has at the end. */
interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly memory: number;
  /** How late timers fired at most, in orders and in this process. */
  readonly late: number;
  readonly ownLate: number;
}

const p99Of = ({ p99 }: Figures): number => p99;

/** Posts orders of a customer at a constant rate, and waits until all are confirmed. @returns the duration of each POST, ms */
async function flow(client: SystemClient, customerId: string, orders: number, perSecond: number): Promise<number[]> {
  const poster = new Poster(client.urls.orders, MOST_AT_ONCE);
  try {
    return await atRate(orders, perSecond, async (_index, dueAt) => {
      await poster.post(randomOrder(customerId, false));
      return performance.now() - dueAt;
    });
  } finally {
    poster.close();
  }
}

async function allConfirmed(client: SystemClient, customerId: string, orders: number): Promise<void> {
  const settled = await client.allSettled(customerId, orders, SETTLE_TIMEOUT_MS);
  const others = settled.filter(({ status }) => status !== 'confirmed').length;
  if (others > 0) throw new Error(`${others} of ${orders} orders were not confirmed`);
}

const mostOf = ['late timers of orders, at most', 'of the load', 'memory of orders, at most'];

function printTable(rounds: Rounds<Figures>, sides: readonly Side<Figures>[]): void {
  const rows = sides.map(({ name }, side) => {
    const most = (valueOf: (it: Figures) => number) => Math.max(...rounds.map((round) => valueOf(round[side]!)));
    return [
      name,
      `${medianOf(rounds, side, ({ p50 }) => p50).toFixed(1)} ms`,
      `${medianOf(rounds, side, p99Of).toFixed(1)} ms`,
      spreadOf(rounds, side, p99Of, 1),
      ratioOf(rounds, side, p99Of).toFixed(2),
      ratioSpreadOf(rounds, side, p99Of),
      `${most(({ late }) => late).toFixed(0)} ms`,
      `${most(({ ownLate }) => ownLate).toFixed(0)} ms`,
      `${most(({ memory }) => memory).toFixed(0)} MiB`,
    ];
  });
  const heading = ['orders', 'p50', 'p99', 'spread', 'p99, of quiet', 'spread', ...mostOf];
  console.log(`\n${tableOf([heading, ...rows])}`);
}

async function run(): Promise<boolean> {
  const defaults = { connections: 2000, rate: 30, seconds: 30, rounds: 5, assert: false };
  const { connections, rate, seconds, rounds, assert } = readOptions(defaults);
  const stack = await TemporaryStack.start('slow-clients');
  const system = await stack.startSystem({ ...prefixes, env: {} });
  const client = new SystemClient(system.urls);
  const orders = rate * seconds;
  await stockUp(client, (2 * rounds + 1) * orders);
  const measure = async (name: string, round: number): Promise<Figures> => {
    const customerId = `${name}-${round}`;
    const posted = watchingLoops(client, () => flow(client, customerId, orders, rate));
    const [latencies, { orders: late, load: ownLate }] = await Promise.race([posted, stack.broken]);
    const { resident } = memoryOf(system.service('orders').pid);
    await allConfirmed(client, customerId, orders);
    return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), memory: resident, late, ownLate };
  };
  const report = (round: number, { p99, late, ownLate }: Figures, how: string) =>
    console.log(
      `round ${round}: p99 ${p99.toFixed(1)} ms, timers late by ${late.toFixed(0)} ms in orders and ${ownLate.toFixed(0)} ms here, ${how}`,
    );
  const quiet: Side<Figures> = {
    name: 'quiet',
    measure: async (round) => {
      const figures = await measure('quiet', round);
      report(round, figures, 'in quiet');
      return figures;
    },
  };
  const attacked: Side<Figures> = {
    name: 'beside slow clients',
    measure: async (round) => {
      const attack = await startAttack(system.urls.orders, connections);
      const figures = await measure('attacked', round);
      const { count, ended } = await attack.end();
      report(round, figures, `beside ${count} open connections; ${ended} others were ended by orders`);
      return figures;
    },
  };
  const sides = [quiet, attacked];
  console.log(`${yardstick()}\n${rate} orders/s for ${seconds} s, ${connections} slow clients, ${rounds} rounds`);
  await measure('warm-up', 0);
  const measured = await inRounds(rounds, sides);
  printTable(measured, sides);
  const { ok, findings } = await auditUntilPasses({ ...stack.infrastructure, ...prefixes }, AUDIT_MS);
  for (const { rule, count } of findings) if (count > 0) console.log(`audit: ${count} times broken: ${rule}`);
  console.log(`audit: ${ok ? 'every rule holds' : 'failed'}; every order was accepted and confirmed`);
  const ratio = ratioOf(measured, 1, p99Of);
  if (ratio > MAY_COST) console.log(`Slow clients cost others more than twice their p99: ${ratio.toFixed(2)}`);
  await system.stop();
  await stack.stop();
  return ok && (!assert || ratio <= MAY_COST);
}

await runAndClean(run);
