import { Random } from '@orderflow/console/shop';
import { type Service, services } from '@orderflow/contracts';
import type { ProxyFault } from '../../../libs/local/test/proxy.ts';

export type InstanceNumber = 1 | 2;
export type Target = Service | 'broker' | 'postgres' | 'registry' | 'provider' | 'mail' | 'delivery' | 'topics';

/** Records of others, and settings of topics that an operator changes. */
type RecordFault = 'compressed batches' | 'record bombs' | 'oversized records' | 'foreign types';

export type Kind =
  | 'SIGKILL'
  | 'SIGTERM'
  | 'SIGSTOP'
  | 'lost disk'
  | ProxyFault
  | 'outage'
  | 'slow'
  | 'duplicates'
  | 'reordering'
  | 'restore'
  | 'topic settings'
  | RecordFault;

/** Faults of one lane follow each other; lanes run side by side, after the faults that are injected alone. */
export type Lane = 'alone' | 'shared' | 'instances 1' | 'instances 2' | 'outside' | 'registry' | 'topics';

interface PlannedFault {
  target: Target;
  kind: Kind;
  /** From its injection to its mend, ms. */
  forMs: number;
  /** One of a service's two. */
  instance?: InstanceNumber;
  /** One of several, by node id. */
  broker?: number;
  /** The topic that a service does not consume meanwhile. */
  heldBack?: { topic: string; at: Service };
  /** Of every topic of events meanwhile: its name and value. */
  setting?: readonly [name: string, value: string];
}

export interface Fault extends PlannedFault {
  /** From the start of the load, ms. */
  atMs: number;
  lane: Lane;
}

/** The slot of a fault that is injected alone, so that its recovery can be measured. */
const ALONE_MS = 20_000;
// How long a restart takes, about, and a restore after the stop of its service.
const RESTART_MS = { broker: 6_000, postgres: 3_000, registry: 8_000, service: 4_000 };
const RESTORE_MS = 30_000;
const FREEZES_MS = [5_000, 35_000, 65_000] as const;

/** Each breaks a rule of `libs/contracts/src/topic-rules.ts`, and destroys no record: a service does not start meanwhile. */
const UNFIT_SETTINGS = [
  ['message.timestamp.type', 'CreateTime'],
  ['retention.ms', String(30 * 86_400_000)],
  ['max.message.bytes', String(16 * 1024 * 1024)],
] as const;

/** Topics of others that each service consumes: one that is held back is overtaken by the rest. */
const consumed: Record<Service, string[]> = {
  orders: ['inventory.events', 'payments.events', 'notifications.events'],
  inventory: ['orders.events'],
  payments: ['orders.events', 'inventory.events'],
  notifications: ['orders.events', 'payments.events'],
};

export const isService = (target: Target): target is Service => services.some((it) => it === target);

/** Plans single faults; the parts that are not given are random. @param brokers how many there are */
function plannerOf(random: Random, brokers: number) {
  const instanceOf = (target: Target) => (isService(target) ? { instance: random.pick([1, 2] as const) } : {});
  const nodes = Array.from({ length: brokers }, (_, index) => index + 1);
  const brokerOf = (target: Target) => (target === 'broker' && brokers > 1 ? { broker: random.pick(nodes) } : {});
  const plan = (target: Target, kind: Kind, least: number, most = least): PlannedFault => {
    const forMs = least === most ? least : random.between(least, most);
    return { target, kind, forMs, ...instanceOf(target), ...brokerOf(target) };
  };
  return {
    plan,
    lostDisks: (): PlannedFault[] => (brokers > 1 ? [plan('broker', 'lost disk', 2_000, 15_000)] : []),
    signal: (target: Target, kind: 'SIGKILL' | 'SIGTERM') => plan(target, kind, 500, 3_000),
    freeze: (target: Target, forMs: number) => plan(target, 'SIGSTOP', forMs),
    reordering: (): PlannedFault => {
      const at = random.pick(services);
      const heldBack = { at, topic: random.pick(consumed[at]) };
      return { ...plan('delivery', 'reordering', 4_000, 8_000), heldBack };
    },
    restore: (of: readonly Service[]): PlannedFault => ({
      target: random.pick(of),
      kind: 'restore',
      forMs: random.between(8_000, 15_000),
    }),
    compressed: (): PlannedFault => {
      const codec = random.pick(['gzip', 'lz4', 'snappy', 'zstd']);
      return { ...plan('topics', 'compressed batches', 5_000, 10_000), setting: ['compression.type', codec] };
    },
    settings: (): PlannedFault => ({
      ...plan('topics', 'topic settings', 3_000, 6_000),
      setting: random.pick(UNFIT_SETTINGS),
    }),
  };
}

type Planner = ReturnType<typeof plannerOf>;

/** The gap between two faults of a lane: orders get through in a long run, and a short run has all important faults. */
const gapMsOf = (totalMs: number): number => Math.min(8_000, Math.max(5_000, totalMs / 60));

function durationOf({ target, kind, forMs }: PlannedFault): number {
  if (kind === 'restore') return forMs + RESTORE_MS;
  if (kind !== 'SIGKILL' && kind !== 'SIGTERM' && kind !== 'lost disk') return forMs;
  return forMs + (target in RESTART_MS ? RESTART_MS[target as keyof typeof RESTART_MS] : RESTART_MS.service);
}

/** The faults of a lane, the most important first; the first two rounds are repeated if there is room. */
type Rounds = (() => PlannedFault[])[];

function sharedRounds({ plan, signal, freeze, lostDisks }: Planner): Rounds {
  const each = (faultsOf: (target: 'broker' | 'postgres') => PlannedFault[]) => () =>
    (['broker', 'postgres'] as const).flatMap(faultsOf);
  return [
    each((it) => [
      signal(it, 'SIGKILL'),
      plan(it, 'withheld answers', 4_000, 12_000),
      ...(it === 'broker' ? lostDisks() : []),
    ]),
    each((it) => [freeze(it, FREEZES_MS[0]), plan(it, 'half-open', 6_000, 13_000)]),
    each((it) => [signal(it, 'SIGTERM'), plan(it, 'reset', 500, 3_000), plan(it, 'delay', 5_000, 10_000)]),
    each((it) => [freeze(it, FREEZES_MS[1])]),
    each((it) => [freeze(it, FREEZES_MS[2])]),
  ];
}

const instanceRounds = ({ signal, freeze, restore }: Planner, of: readonly Service[]): Rounds => [
  () => of.flatMap((it) => [signal(it, 'SIGKILL'), freeze(it, FREEZES_MS[0])]),
  () => of.map((it) => signal(it, 'SIGTERM')),
  () => [restore(of)],
  () => of.map((it) => freeze(it, FREEZES_MS[1])),
  () => of.map((it) => freeze(it, FREEZES_MS[2])),
];

const outsideRounds = ({ plan, reordering }: Planner): Rounds => [
  () => [plan('delivery', 'duplicates', 6_000, 12_000), reordering()],
  () => [
    plan('provider', 'outage', 6_000, 15_000),
    plan('mail', 'outage', 6_000, 15_000),
    plan('mail', 'slow', 10_000, 20_000),
  ],
];

/** Away for so long that a service starts meanwhile. */
const registryRounds = ({ plan, freeze }: Planner): Rounds => [
  () => [plan('registry', 'SIGKILL', 15_000, 30_000)],
  () => [freeze('registry', FREEZES_MS[1])],
];

const topicRounds = ({ plan, compressed, settings }: Planner): Rounds => [
  () => [
    compressed(),
    settings(),
    ...(['record bombs', 'oversized records', 'foreign types'] as const).map((kind) => plan('topics', kind, 1_000)),
  ],
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
function alone(random: Random, { signal }: Planner, totalMs: number): Fault[] {
  const kills = ['broker' as const, ...random.shuffled(services), 'postgres' as const];
  const chosen = kills.slice(0, Math.max(2, Math.floor(totalMs / 3 / ALONE_MS)));
  return chosen.map((target, index) => ({ ...signal(target, 'SIGKILL'), lane: 'alone', atMs: index * ALONE_MS }));
}

/**
 * Plans every fault: its target, time and duration. The same arguments give the same schedule.
 * @param minutes of load; two faults that are injected alone take 40 s of it
 * @param brokers of several, one is hit at a time, and one may lose its disk
 */
export function scheduleOf(seed: number, minutes: number, brokers = 1): Fault[] {
  const random = new Random(seed);
  const planner = plannerOf(random, brokers);
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
    ...fill(random, 'registry', rest, registryRounds(planner)),
    ...fill(random, 'topics', rest, topicRounds(planner)),
  ].toSorted((one, other) => one.atMs - other.atMs);
}
