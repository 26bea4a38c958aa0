import { setTimeout as sleep } from 'node:timers/promises';
import { readOrders, settledOf, unsentOf, untilSettled } from '../checks/read-facts.ts';
import type { OrderRecord } from '../checks/verdict.ts';
import type { Figures } from '../figures.ts';
import type { Accepted } from '../generator.ts';
import { quantile } from '../statistics.ts';
import type { Workload } from '../workloads.ts';
import { isFlat } from './flat.ts';
import type { Run } from './run.ts';

const SAMPLE_MS = 1_000;

interface Sample {
  /** Accepted orders that are not settled: whatever waits, in an outbox or a topic or a service, is in it. */
  readonly open: number;
  readonly unsent: number;
}

/** Samples the queues each second until `ends`. */
async function sampleWhile({ system, generator }: Run, ends: Promise<unknown>): Promise<Sample[]> {
  const samples: Sample[] = [];
  let hasEnded = false;
  const ended = ends.finally(() => (hasEnded = true));
  while (!hasEnded) {
    const [settled, unsent] = await Promise.all([settledOf(system), unsentOf(system)]);
    samples.push({ open: generator.accepted.size - settled, unsent });
    await Promise.race([ended, sleep(SAMPLE_MS)]);
  }
  return samples;
}

const quantiles = (name: string, values: readonly number[], shares: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(shares).map(([word, share]) => [`${name} ${word}, ms`, quantile(values, share)]));

const SHARES = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 };

function latenciesOf(accepted: readonly Accepted[], records: readonly OrderRecord[]): Figures {
  const byId = new Map(records.map((record) => [record.orderId, record]));
  const since = (atOf: (record: OrderRecord) => number | null) =>
    accepted.flatMap(({ orderId, dueAt }) => {
      const record = byId.get(orderId);
      const at = record && atOf(record);
      return at === null || at === undefined ? [] : [at - dueAt];
    });
  const decided = (outcome: string) => since(({ status, decidedAt }) => (status === outcome ? decidedAt : null));
  const posts = accepted.map(({ postMs }) => postMs);
  return {
    ...quantiles('POST', posts, { p50: 0.5, p90: 0.9, p99: 0.99, max: 1 }),
    ...quantiles('to confirmed', decided('confirmed'), SHARES),
    ...quantiles('to cancelled', decided('cancelled'), SHARES),
    ...quantiles(
      'to settled',
      since(({ settledAt }) => settledAt),
      SHARES,
    ),
  };
}

export interface Stage {
  /** Of the orders per second that the burst reached. */
  readonly share: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** Places orders at a constant rate: latencies from the moment at which each order was due, and whether the queues stay flat. */
export async function steady(
  run: Run,
  workload: Workload,
  { share, perSecond, seconds }: Stage,
): Promise<{ figures: Figures; isFlat: boolean }> {
  const placing = run.generator.atRate(Math.ceil(perSecond * seconds), perSecond, workload);
  const samples = await sampleWhile(run, placing);
  const accepted = await placing;
  await untilSettled(run.system, run.generator.accepted.size);
  const open = samples.map((sample) => sample.open);
  const figures: Figures = {
    'orders/s': perSecond,
    'most open orders': Math.max(...open),
    'most unsent events': Math.max(...samples.map(({ unsent }) => unsent)),
    ...latenciesOf(accepted, await readOrders(run.system)),
  };
  const named = Object.entries(figures).map(([name, value]) => [`at ${share * 100} %: ${name}`, value] as const);
  return { figures: Object.fromEntries(named), isFlat: isFlat(open, perSecond) };
}
