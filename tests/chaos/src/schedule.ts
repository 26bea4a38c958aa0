import { type Service, services } from '@orderflow/contracts';
import { Random } from './random.ts';

export type MemberNumber = 1 | 2;
export type Target = Service | 'broker' | 'postgres' | 'provider' | 'mail' | 'delivery';

export type Kind =
  | 'SIGKILL'
  | 'SIGTERM'
  | 'SIGSTOP'
  /** The four of the proxy before broker and database. */
  | 'delay'
  | 'reset'
  | 'half-open'
  | 'withheld answers'
  | 'outage'
  | 'duplicates'
  | 'reordering';

/** Faults of one lane follow each other; lanes run side by side, after those that are to be seen alone. */
export type Lane = 'alone' | 'shared' | 'members 1' | 'members 2' | 'outside';

interface Wish {
  target: Target;
  kind: Kind;
  /** How long it lasts until it is mended, ms. */
  forMs: number;
  /** Which of a service's two. */
  member?: MemberNumber;
  /** The topic that a service does not hear while others do. */
  heldBack?: { topic: string; at: Service };
}

export interface Fault extends Wish {
  /** Since the load began. */
  atMs: number;
  lane: Lane;
}

/** A slot of a fault that is to be seen alone: its recovery is measured, and nothing else may be in its way. */
export const ALONE_MS = 20_000;
// How long it takes until a part is up again, about.
const RESTART_MS = { broker: 6_000, postgres: 3_000 };
const SERVICE_RESTART_MS = 4_000;
const STOPS_MS = [5_000, 35_000, 65_000] as const;

/** Who hears which topics of others: one that is held back is overtaken by the rest. */
const heard: Record<Service, string[]> = {
  orders: ['inventory.events', 'payments.events', 'notifications.events'],
  inventory: ['orders.events'],
  payments: ['orders.events', 'inventory.events'],
  notifications: ['orders.events', 'payments.events'],
};

class Wishes {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  signal(target: Target, kind: 'SIGKILL' | 'SIGTERM'): Wish {
    return { target, kind, forMs: this.random.between(500, 3_000), ...this.memberOf(target) };
  }

  stop(target: Target, forMs: number): Wish {
    return { target, kind: 'SIGSTOP', forMs, ...this.memberOf(target) };
  }

  proxied(target: 'broker' | 'postgres', kind: Kind, least: number, most: number): Wish {
    return { target, kind, forMs: this.random.between(least, most) };
  }

  outage(target: 'provider' | 'mail'): Wish {
    return { target, kind: 'outage', forMs: this.random.between(6_000, 15_000) };
  }

  duplicates(): Wish {
    return { target: 'delivery', kind: 'duplicates', forMs: this.random.between(6_000, 12_000) };
  }

  reordering(): Wish {
    const at = this.random.pick(services);
    const heldBack = { at, topic: this.random.pick(heard[at]) };
    return { target: 'delivery', kind: 'reordering', forMs: this.random.between(4_000, 8_000), heldBack };
  }

  private memberOf(target: Target): { member?: MemberNumber } {
    return services.some((it) => it === target) ? { member: this.random.pick([1, 2] as const) } : {};
  }
}

const isRestart = ({ kind }: Wish): boolean => kind === 'SIGKILL' || kind === 'SIGTERM';

/** Between two faults of a lane. In a long run orders are to get through in between; a short one is to have all that matters. */
const gapMsOf = (totalMs: number): number => Math.min(8_000, Math.max(5_000, totalMs / 60));

function durationOf(wish: Wish): number {
  const { target } = wish;
  const restart = target === 'broker' || target === 'postgres' ? RESTART_MS[target] : SERVICE_RESTART_MS;
  return wish.forMs + (isRestart(wish) ? restart : 0);
}

/** What a lane is to have, the most important first; of the first two rounds there is more where there is room. */
type Rounds = (() => Wish[])[];

function sharedRounds(wishes: Wishes): Rounds {
  const each = (wish: (target: 'broker' | 'postgres') => Wish[]) => () =>
    (['broker', 'postgres'] as const).flatMap(wish);
  return [
    each((it) => [wishes.signal(it, 'SIGKILL'), wishes.proxied(it, 'withheld answers', 4_000, 12_000)]),
    each((it) => [wishes.stop(it, STOPS_MS[0]), wishes.proxied(it, 'half-open', 6_000, 13_000)]),
    each((it) => [
      wishes.signal(it, 'SIGTERM'),
      wishes.proxied(it, 'reset', 500, 3_000),
      wishes.proxied(it, 'delay', 5_000, 10_000),
    ]),
    each((it) => [wishes.stop(it, STOPS_MS[1])]),
    each((it) => [wishes.stop(it, STOPS_MS[2])]),
  ];
}

function memberRounds(wishes: Wishes, of: readonly Service[]): Rounds {
  const each = (wish: (target: Service) => Wish) => () => of.map(wish);
  return [
    () => of.flatMap((it) => [wishes.signal(it, 'SIGKILL'), wishes.stop(it, STOPS_MS[0])]),
    each((it) => wishes.signal(it, 'SIGTERM')),
    each((it) => wishes.stop(it, STOPS_MS[1])),
    each((it) => wishes.stop(it, STOPS_MS[2])),
  ];
}

const outsideRounds = (wishes: Wishes): Rounds => [
  () => [wishes.duplicates(), wishes.reordering()],
  () => [wishes.outage('provider'), wishes.outage('mail')],
];

/** As much as there is room for between the two times, in an order of its own. */
function fill(random: Random, lane: Lane, [fromMs, untilMs]: readonly [number, number], rounds: Rounds): Fault[] {
  const chosen: Wish[] = [];
  const gapMs = gapMsOf(untilMs);
  let leftMs = untilMs - fromMs;
  const take = (wish: Wish): boolean => {
    if (durationOf(wish) + gapMs > leftMs) return false;
    leftMs -= durationOf(wish) + gapMs;
    chosen.push(wish);
    return true;
  };
  for (const round of rounds) for (const wish of random.shuffled(round())) take(wish);
  const more = () => rounds.slice(0, 2).flatMap((round) => round());
  while (random.shuffled(more()).map(take).some(Boolean));
  let atMs = fromMs;
  return random.shuffled(chosen).map((wish) => {
    const fault = { ...wish, lane, atMs: atMs + random.between(0, gapMs / 2) };
    atMs += durationOf(wish) + gapMs;
    return fault;
  });
}

/** A third of the time at most, and never less than the broker and one service. */
function alone(random: Random, wishes: Wishes, totalMs: number): Fault[] {
  const kills = ['broker' as const, ...random.shuffled(services), 'postgres' as const];
  const count = Math.max(2, Math.floor(totalMs / 3 / ALONE_MS));
  return kills
    .slice(0, count)
    .map((target, index) => ({ ...wishes.signal(target, 'SIGKILL'), lane: 'alone', atMs: index * ALONE_MS }));
}

/**
 * Which fault hits what, when and for how long: nothing but the two numbers decides.
 * @param minutes of load; two faults that are seen alone take 40 s of it
 */
export function scheduleOf(seed: number, minutes: number): Fault[] {
  const random = new Random(seed);
  const wishes = new Wishes(random);
  const totalMs = minutes * 60_000;
  const first = alone(random, wishes, totalMs);
  const storm = [first.length * ALONE_MS, totalMs] as const;
  const pairs = random.shuffled(services);
  return [
    ...first,
    ...fill(random, 'shared', storm, sharedRounds(wishes)),
    ...fill(random, 'members 1', storm, memberRounds(wishes, pairs.slice(0, 2))),
    ...fill(random, 'members 2', storm, memberRounds(wishes, pairs.slice(2))),
    ...fill(random, 'outside', storm, outsideRounds(wishes)),
  ].toSorted((one, other) => one.atMs - other.atMs);
}
