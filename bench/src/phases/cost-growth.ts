import { untilSettled } from '../checks/read-facts.ts';
import type { Figures } from '../figures.ts';
import { inRounds, type Rounds, type Side } from '../harness.ts';
import type { Contender } from '../systems/measured-system.ts';
import type { Workload } from '../workloads.ts';
import { burst, type BurstSize } from './burst.ts';
import { type Place, Run, type Soundness } from './run.ts';

/** How the cost of an order grows with one thing. */
export interface Growth {
  /** What grows. */
  readonly by: string;
  /** Its sizes; figures are compared with those of the first. */
  readonly names: readonly string[];
  readonly rounds: Rounds<Figures>;
  /** Of each system that was started. */
  readonly soundness: readonly Soundness[];
}

export interface GrowthSize extends BurstSize {
  readonly rounds: number;
  readonly warmUp: number;
  /** Orders that were settled before those that are measured, ascending. */
  readonly past: readonly number[];
}

/** Orders of many lines are fewer, so that each turn takes about as long. */
const sizeFor = ({ orders, concurrency }: BurstSize, { lines }: Workload): BurstSize => ({
  orders: Math.ceil(orders / (1 + lines / 100)),
  concurrency,
});

/** Kinds of orders in alternating turns on one system. A first round is not counted: PostgreSQL, Kafka and the services are cold. */
export async function kindsInTurns(
  run: Run,
  workloads: readonly Workload[],
  size: BurstSize & { readonly rounds: number },
): Promise<Rounds<Figures>> {
  const sides = workloads.map((workload): Side<Figures> => {
    return { name: workload.name, measure: () => burst(run, workload, sizeFor(size, workload)) };
  });
  for (const side of sides) await side.measure(0);
  return inRounds(size.rounds, sides);
}

/** Each kind of order of the place on one system. @param name as that of a turn */
export async function growthByKind(
  place: Place,
  contender: Contender,
  name: string,
  size: GrowthSize,
): Promise<Growth> {
  const run = await Run.begin(place, contender, name);
  const { workloads } = place.market;
  const rounds = await kindsInTurns(run, workloads, size);
  return { by: 'kind of order', names: workloads.map((it) => it.name), rounds, soundness: [await run.judgeAndEnd()] };
}

/** Settled before the next are placed: of a larger backlog the first would be cancelled for its age. */
const AT_ONCE = 5_000;

async function placeUpTo(run: Run, total: number, workload: Workload, concurrency: number): Promise<void> {
  const { generator, system } = run;
  for (let missing = total - generator.accepted.size; missing > 0; missing -= AT_ONCE) {
    await generator.atOnce(Math.min(AT_ONCE, missing), concurrency, workload);
    await untilSettled(system, generator.accepted.size);
  }
}

/** One kind of order on one system, with more and more settled orders in its tables. @param name as that of a turn */
export async function growthByPastOrders(
  place: Place,
  contender: Contender,
  name: string,
  size: GrowthSize,
): Promise<Growth> {
  const run = await Run.begin(place, contender, name);
  const workload = place.market.workloads[0]!;
  const past = [size.warmUp, ...size.past];
  const points: Figures[][] = [];
  for (const total of past) {
    await placeUpTo(run, total, workload, size.concurrency);
    const point: Figures[] = [];
    for (let round = 1; round <= size.rounds; round++) point.push(await burst(run, workload, size));
    points.push(point);
    console.log(`${contender.name}: ${run.generator.accepted.size} orders`);
  }
  const rounds = Array.from({ length: size.rounds }, (_, round) => points.map((point) => point[round]!));
  const names = past.map((total) => total.toLocaleString('en'));
  return { by: 'past orders', names, rounds, soundness: [await run.judgeAndEnd()] };
}

/** Systems that differ in the members of their consumer groups, in alternating turns. */
export async function growthByMembers(
  place: Place,
  sides: Readonly<Record<string, Contender>>,
  size: GrowthSize,
): Promise<Growth> {
  const workload = place.market.workloads[0]!;
  const soundness: Soundness[] = [];
  const takeTurn = async (contender: Contender, name: string): Promise<Figures> => {
    const run = await Run.begin(place, contender, name);
    await placeUpTo(run, size.warmUp, workload, size.concurrency);
    const figures = await burst(run, workload, size);
    soundness.push(await run.judgeAndEnd());
    return figures;
  };
  const measured = Object.entries(sides).map(([name, contender], index): Side<Figures> => {
    return { name, measure: (round) => takeTurn(contender, `m${index}r${round}`) };
  });
  const rounds = await inRounds(size.rounds, measured);
  return { by: 'members of each consumer group', names: Object.keys(sides), rounds, soundness };
}
