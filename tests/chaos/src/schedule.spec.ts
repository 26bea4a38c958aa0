import { describe, expect, it } from '@jest/globals';
import { services } from '@orderflow/contracts';
import { type Fault, isService, scheduleOf } from './schedule.ts';

const nameOf = ({ target, kind, forMs }: Fault): string =>
  kind === 'SIGSTOP' ? `${kind} ${forMs / 1000} s of ${target}` : `${kind} of ${target}`;

const parts = [...services, 'broker', 'postgres'];

const everyKind = [
  ...parts.flatMap((target) => [`SIGKILL of ${target}`, `SIGTERM of ${target}`]),
  ...parts.flatMap((target) => [5, 35, 65].map((seconds) => `SIGSTOP ${seconds} s of ${target}`)),
  ...['delay', 'reset', 'half-open', 'withheld answers'].flatMap((kind) => [
    `${kind} of broker`,
    `${kind} of postgres`,
  ]),
  'SIGKILL of registry',
  'SIGSTOP 35 s of registry',
  'outage of provider',
  'outage of mail',
  'slow of mail',
  'duplicates of delivery',
  'reordering of delivery',
  'compressed batches of topics',
  'topic settings of topics',
  'record bombs of topics',
  'oversized records of topics',
  'foreign types of topics',
];

describe('a schedule', () => {
  it('is reproducible by seed', () => {
    expect(scheduleOf(1, 10)).toEqual(scheduleOf(1, 10));
    expect(scheduleOf(1, 10)).not.toEqual(scheduleOf(2, 10));
  });

  it.each([1, 2, 3, 4, 5, 117, 2911, 1234567])(
    'has in ten minutes every fault on every target, and at least 60 faults: seed %d',
    (seed) => {
      const faults = scheduleOf(seed, 10);
      expect(faults.length).toBeGreaterThanOrEqual(60);
      const seen = new Set(faults.map(nameOf));
      expect(everyKind.filter((name) => !seen.has(name))).toEqual([]);
      // One in each lane of instances.
      expect(services.filter((service) => seen.has(`restore of ${service}`))).toHaveLength(2);
    },
  );

  it('hits each of three brokers, one at a time, and lets one lose its disk', () => {
    const hits = scheduleOf(1, 10, 3).filter(({ target }) => target === 'broker');
    expect(new Set(hits.map(({ broker }) => broker))).toEqual(new Set([1, 2, 3]));
    expect(hits.some(({ kind }) => kind === 'lost disk')).toBe(true);
    expect(new Set(hits.map(({ lane }) => lane))).toEqual(new Set(['alone', 'shared']));
  });

  it('has in the short end-to-end run every kind of fault but two mild ones, and kills and freezes every service', () => {
    const faults = scheduleOf(175, 1.5);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(
      new Set(
        (
          'SIGKILL,SIGTERM,SIGSTOP,half-open,withheld answers,outage,duplicates,reordering,' +
          'compressed batches,topic settings,record bombs,oversized records,foreign types'
        ).split(','),
      ),
    );
    const seen = new Set(faults.map(nameOf));
    const expected = [
      ...parts.map((part) => `SIGKILL of ${part}`),
      ...services.map((service) => `SIGSTOP 5 s of ${service}`),
      ...['broker', 'postgres'].map((part) => `withheld answers of ${part}`),
    ];
    expect(expected.filter((name) => !seen.has(name))).toEqual([]);
  });

  it.each([
    [1, 10],
    [2, 10],
    [175, 1.5],
  ])('starts a service while the registry is away: seed %d, %d minutes', (seed, minutes) => {
    const faults = scheduleOf(seed, minutes);
    const away = faults.filter(({ target }) => target === 'registry');
    const starts = faults.filter(({ target, kind }) => isService(target) && kind !== 'SIGSTOP');
    const during = starts.filter(({ atMs, forMs }) =>
      away.some((it) => it.atMs < atMs + forMs && atMs + forMs < it.atMs + it.forMs),
    );
    expect(during).not.toEqual([]);
  });

  it.each([1, 2, 3])('has no two faults of a lane at a time, and ends in time: seed %d', (seed) => {
    const faults = scheduleOf(seed, 10);
    for (const lane of new Set(faults.map((it) => it.lane))) {
      const own = faults.filter((it) => it.lane === lane);
      for (const [index, { atMs, forMs }] of own.entries()) {
        expect(atMs + forMs).toBeLessThanOrEqual(own[index + 1]?.atMs ?? 600_000);
      }
    }
  });

  it('begins with a kill of the broker and of a service, each injected alone', () => {
    for (const minutes of [1, 3, 10]) {
      const faults = scheduleOf(1, minutes);
      const alone = faults.filter(({ lane }) => lane === 'alone');
      expect(alone[0]).toMatchObject({ target: 'broker', kind: 'SIGKILL' });
      expect(services).toContain(alone[1]!.target);
      expect(faults.slice(0, alone.length)).toEqual(alone);
    }
  });
});
