import { type Service, services } from '@orderflow/contracts';
import { Random } from './random.ts';

export type InstanceNumber = 1 | 2;
export type Target = Service | 'broker' | 'postgres' | 'provider' | 'mail' | 'delivery';

export type Kind =
  | 'SIGKILL'
  | 'SIGTERM'
  | 'SIGSTOP'
  /** Faults of the proxy before broker and database. */
  | 'delay'
  | 'reset'
  | 'half-open'
  | 'withheld answers'
  | 'outage'
  | 'duplicates'
  | 'reordering';

/** Faults of one lane follow each other; lanes run side by side, after the faults that are injected alone. */
export type Lane = 'alone' | 'shared' | 'instances 1' | 'instances 2' | 'outside';

interface PlannedFault {
  target: Target;
  kind: Kind;
  /** From its injection to its mend, ms. */
  forMs: number;
  /** One of a service's two. */
  instance?: InstanceNumber;
  /** The topic that a service does not consume meanwhile. */
  heldBack?: { topic: string; at: Service };
}

export interface Fault extends PlannedFault {
  /** From the start of the load, ms. */
  atMs: number;
  lane: Lane;
}

/** The slot of a fault that is injected alone, so that its recovery can be measured. */
const ALONE_MS = 20_000;
// How long a restart takes, about.
const RESTART_MS = { broker: 6_000, postgres: 3_000 };
const SERVICE_RESTART_MS = 4_000;
const FREEZES_MS = [5_000, 35_000, 65_000] as const;

/** Topics of others that each service consumes: one that is held back is overtaken by the rest. */
const consumed: Record<Service, string[]> = {
  orders: ['inventory.events', 'payments.events', 'notifications.events'],
  inventory: ['orders.events'],
  payments: ['orders.events', 'inventory.events'],
  notifications: ['orders.events', 'payments.events'],
};

class FaultPlanner {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  signal(target: Target, kind: 'SIGKILL' | 'SIGTERM'): PlannedFault {
    return { target, kind, forMs: this.random.between(500, 3_000), ...this.instanceOf(target) };
  }

  freeze(target: Target, forMs: number): PlannedFault {
    return { target, kind: 'SIGSTOP', forMs, ...this.instanceOf(target) };
  }

  proxied(target: 'broker' | 'postgres', kind: Kind, least: number, most: number): PlannedFault {
    return { target, kind, forMs: this.random.between(least, most) };
  }

  outage(target: 'provider' | 'mail'): PlannedFault {
    return { target, kind: 'outage', forMs: this.random.between(6_000, 15_000) };
  }

  duplicates(): PlannedFault {
    return { target: 'delivery', kind: 'duplicates', forMs: this.random.between(6_000, 12_000) };
  }

  reordering(): PlannedFault {
    const at = this.random.pick(services);
    const heldBack = { at, topic: this.random.pick(consumed[at]) };
    return { target: 'delivery', kind: 'reordering', forMs: this.random.between(4_000, 8_000), heldBack };
  }

  private instanceOf(target: Target): { instance?: InstanceNumber } {
    return services.some((it) => it === target) ? { instance: this.random.pick([1, 2] as const) } : {};
  }
}

const isRestart = ({ kind }: PlannedFault): boolean => kind === 'SIGKILL' || kind === 'SIGTERM';

/** The gap between two faults of a lane: orders get through in a long run, and a short run has all important faults. */
const gapMsOf = (totalMs: number): number => Math.min(8_000, Math.max(5_000, totalMs / 60));

function durationOf(fault: PlannedFault): number {
  const { target } = fault;
  const restart = target === 'broker' || target === 'postgres' ? RESTART_MS[target] : SERVICE_RESTART_MS;
  return fault.forMs + (isRestart(fault) ? restart : 0);
}

/** The faults of a lane, the most important first; the first two rounds are repeated if there is room. */
type Rounds = (() => PlannedFault[])[];

function sharedRounds(planner: FaultPlanner): Rounds {
  const each = (plan: (target: 'broker' | 'postgres') => PlannedFault[]) => () =>
    (['broker', 'postgres'] as const).flatMap(plan);
  return [
    each((it) => [planner.signal(it, 'SIGKILL'), planner.proxied(it, 'withheld answers', 4_000, 12_000)]),
    each((it) => [planner.freeze(it, FREEZES_MS[0]), planner.proxied(it, 'half-open', 6_000, 13_000)]),
    each((it) => [
      planner.signal(it, 'SIGTERM'),
      planner.proxied(it, 'reset', 500, 3_000),
      planner.proxied(it, 'delay', 5_000, 10_000),
    ]),
    each((it) => [planner.freeze(it, FREEZES_MS[1])]),
    each((it) => [planner.freeze(it, FREEZES_MS[2])]),
  ];
}

function instanceRounds(planner: FaultPlanner, of: readonly Service[]): Rounds {
  const each = (plan: (target: Service) => PlannedFault) => () => of.map(plan);
  return [
    () => of.flatMap((it) => [planner.signal(it, 'SIGKILL'), planner.freeze(it, FREEZES_MS[0])]),
    each((it) => planner.signal(it, 'SIGTERM')),
    each((it) => planner.freeze(it, FREEZES_MS[1])),
    each((it) => planner.freeze(it, FREEZES_MS[2])),
  ];
}

const outsideRounds = (planner: FaultPlanner): Rounds => [
  () => [planner.duplicates(), planner.reordering()],
  () => [planner.outage('provider'), planner.outage('mail')],
];

/** As many faults of the rounds as fit between the two times, in random order. */
function fill(random: Random, lane: Lane, [fromMs, untilMs]: readonly [number, number], rounds: Rounds): Fault[] {
  const chosen: PlannedFault[] = [];
  const gapMs = gapMsOf(untilMs);
  let leftMs = untilMs - fromMs;
  const take = (fault: PlannedFault): boolean => {
    if (durationOf(fault) + gapMs > leftMs) return false;
    leftMs -= durationOf(fault) + gapMs;
    chosen.push(fault);
    return true;
  };
  for (const round of rounds) for (const fault of random.shuffled(round())) take(fault);
  const more = () => rounds.slice(0, 2).flatMap((round) => round());
  while (random.shuffled(more()).map(take).some(Boolean));
  let atMs = fromMs;
  return random.shuffled(chosen).map((planned) => {
    const fault = { ...planned, lane, atMs: atMs + random.between(0, gapMs / 2) };
    atMs += durationOf(planned) + gapMs;
    return fault;
  });
}

/** Kills that are injected alone: a third of the time at most, and at least the broker and one service. */
function alone(random: Random, planner: FaultPlanner, totalMs: number): Fault[] {
  const kills = ['broker' as const, ...random.shuffled(services), 'postgres' as const];
  const count = Math.max(2, Math.floor(totalMs / 3 / ALONE_MS));
  return kills
    .slice(0, count)
    .map((target, index) => ({ ...planner.signal(target, 'SIGKILL'), lane: 'alone', atMs: index * ALONE_MS }));
}

/**
 * Plans every fault: its target, time and duration. The same arguments give the same schedule.
 * @param minutes of load; two faults that are injected alone take 40 s of it
 */
export function scheduleOf(seed: number, minutes: number): Fault[] {
  const random = new Random(seed);
  const planner = new FaultPlanner(random);
  const totalMs = minutes * 60_000;
  const first = alone(random, planner, totalMs);
  const rest = [first.length * ALONE_MS, totalMs] as const;
  const pairs = random.shuffled(services);
  return [
    ...first,
    ...fill(random, 'shared', rest, sharedRounds(planner)),
    ...fill(random, 'instances 1', rest, instanceRounds(planner, pairs.slice(0, 2))),
    ...fill(random, 'instances 2', rest, instanceRounds(planner, pairs.slice(2))),
    ...fill(random, 'outside', rest, outsideRounds(planner)),
  ].toSorted((one, other) => one.atMs - other.atMs);
}
