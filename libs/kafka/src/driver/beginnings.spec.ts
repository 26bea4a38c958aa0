import { describe, expect, it } from '@jest/globals';
import { metricsText } from '@orderflow/telemetry';
import type { ConsumedOffset } from '../broker.js';
import { beginningsOf, newestConsumed, readBeginnings } from './beginnings.js';

const appendedAt = new Date('2026-11-01T12:00:00Z');
const stored = (next: string, changes: Partial<ConsumedOffset> = {}): ConsumedOffset => ({
  topic: 't',
  partition: 0,
  next,
  appendedAt,
  ...changes,
});
/** Where a partition of the records 10 to 19 is read from. */
const beginning = (consumed: readonly ConsumedOffset[], firstNewer?: bigint) => {
  const newer = new Map(firstNewer === undefined ? [] : [['t/0', firstNewer]]);
  const [{ next, notice }] = beginningsOf([{ topic: 't', partition: 0, low: 10n, end: 20n }], consumed, newer) as [
    ReturnType<typeof beginningsOf>[number],
  ];
  return notice === undefined ? next : `${next}, ${notice}`;
};

describe('a partition is read', () => {
  it('from where its consumer stopped', () => {
    expect([beginning([stored('15')], 15n), beginning([stored('20')], 20n)]).toEqual(['15', '20']);
  });

  it('from its oldest record when its consumer knows nothing of it', () => {
    expect(beginning([])).toBe('10');
    expect(beginning([stored('15', { partition: 1 }), stored('15', { topic: 'u' })])).toBe('10');
  });

  it('from its oldest record, with a notice, when records expired before they were consumed', () => {
    expect(beginning([stored('9')])).toBe('10, expired');
  });

  // proves: a log that replaced the known one is read from its beginning
  it('from its oldest record, with a notice, when it ends before the known offset or holds newer records there', () => {
    expect(beginning([stored('21')])).toBe('10, replaced');
    expect(beginning([stored('15')], 12n)).toBe('10, replaced');
  });

  it('from where its consumer stopped when the time of the consumed records is unknown, as after a replay', () => {
    expect(beginning([stored('15', { appendedAt: null })], 12n)).toBe('15');
  });
});

describe('a jump over records that expired unread', () => {
  // proves: a jump over records that expired unread is counted
  it('is logged and counted', async () => {
    const lines: string[] = [];
    const restarted: unknown[] = [];
    const consumed = {
      read: async () => [stored('4')],
      write: async () => undefined,
      restart: async (moved: readonly unknown[]) => void restarted.push(...moved),
    };
    const offsets = {
      positionsOf: async () => [{ topic: 't', partition: 0, next: 10n, low: 10n, end: 20n, expired: 6n }],
      firstAfter: async () => new Map<string, bigint>(),
    };
    await readBeginnings({ groupId: 'g', topics: ['t'], consumed }, offsets, (_, line) => void lines.push(line));
    expect(lines).toEqual([expect.stringMatching(/expired before they were consumed: g reads t\/0 from 10$/)]);
    expect(restarted).toHaveLength(1);
    const labels = 'messaging_destination_name="t",messaging_consumer_group_name="g"';
    expect((await metricsText()).text).toContain(`orderflow_expired_records_total{${labels}} 6`);
  });
});

describe('the newest consumed record of a topic', () => {
  it('is the newest of all its partitions, as far as their times are known', () => {
    const later = new Date(appendedAt.getTime() + 1);
    const consumed = [stored('1'), stored('1', { partition: 1, appendedAt: later }), stored('1', { appendedAt: null })];
    expect(newestConsumed([...consumed, stored('1', { topic: 'u', appendedAt: null })])).toEqual(
      new Map([['t', later]]),
    );
  });
});
