import { untilSettled } from '../checks/read-facts.ts';
import type { Figures } from '../figures.ts';
import { type Counters, countersOf } from '../growth/counters.ts';
import { hashMiBPerSecond } from '../harness.ts';
import { memoryOf } from '../process-memory.ts';
import type { Contender, MeasuredSystem } from '../systems/measured-system.ts';
import type { Workload } from '../workloads.ts';
import { drainBacklog } from './backlog.ts';
import { burst } from './burst.ts';
import { type Place, Run, type Soundness } from './run.ts';
import { steady } from './steady.ts';

export interface TurnSize {
  readonly orders: number;
  readonly concurrency: number;
  readonly warmUp: number;
  /** Of each stage at a constant rate. */
  readonly seconds: number;
  readonly shares: readonly number[];
  readonly backlog: number;
}

/** What was measured of one system in its turn. */
export interface Turn extends Soundness {
  /** By workload, in their order; none of a turn that is not sound. */
  readonly figures: readonly Figures[];
  /** Of the machine, before the turn: SHA-256 on one core. */
  readonly yardstickMiBPerSecond: number;
}

function perOrder(before: Counters, after: Counters, orders: number): Figures {
  const of = (name: keyof Counters) => (after[name] - before[name]) / orders;
  return {
    'transactions an order': of('transactions'),
    'rows inserted an order': of('rowsInserted'),
    'rows updated an order': of('rowsUpdated'),
    'rows deleted an order': of('rowsDeleted'),
    'WAL kB an order': of('walBytes') / 1000,
    'Kafka kB an order': of('topicBytes') / 1000,
  };
}

const memoryFigures = (system: MeasuredSystem): Figures =>
  Object.fromEntries(
    Object.entries(system.pids()).map(([name, pid]) => [`most memory, MiB: ${name}`, memoryOf(pid).peak]),
  );

async function measureWorkload(run: Run, workload: Workload, size: TurnSize): Promise<Figures> {
  await run.generator.atOnce(size.warmUp, size.concurrency, workload);
  await untilSettled(run.system, run.generator.accepted.size);
  const before = await countersOf(run.system, run.logDir);
  const atFullLoad = await burst(run, workload, size);
  const figures = { ...atFullLoad, ...perOrder(before, await countersOf(run.system, run.logDir), size.orders) };
  const stages: Figures[] = [];
  let sustained = 0;
  for (const share of size.shares) {
    const perSecond = atFullLoad['orders/s until all are settled']! * share;
    const { figures: stage, isFlat } = await steady(run, workload, { share, perSecond, seconds: size.seconds });
    if (isFlat) sustained = perSecond;
    stages.push(stage);
  }
  const drained = await drainBacklog(run, workload, { orders: size.backlog, concurrency: size.concurrency });
  const flat = { 'orders/s with flat queues': sustained };
  return Object.assign({}, figures, flat, ...stages, drained, memoryFigures(run.system)) as Figures;
}

/** Starts a system, measures it with each workload, checks that every order had its effects once, and stops it. */
export async function takeTurn(place: Place, contender: Contender, name: string, size: TurnSize): Promise<Turn> {
  const yardstickMiBPerSecond = hashMiBPerSecond();
  const run = await Run.begin(place, contender, name);
  const figures: Figures[] = [];
  for (const workload of place.market.workloads) figures.push(await measureWorkload(run, workload, size));
  const soundness = await run.judgeAndEnd();
  return { ...soundness, figures: soundness.sound ? figures : [], yardstickMiBPerSecond };
}
