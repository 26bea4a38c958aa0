import { describe, expect, it } from '@jest/globals';
import { metricsText } from '@orderflow/telemetry';
import type { ConsumedOffset, ConsumedOffsets, ExpiredRange } from '../broker.js';
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
  const [{ next, replaced, expired }] = beginningsOf(
    [{ topic: 't', partition: 0, low: 10n, end: 20n }],
    consumed,
    newer,
  ) as [ReturnType<typeof beginningsOf>[number]];
  return [
    next,
    ...(replaced ? ['replaced'] : []),
    ...(expired ? [`${expired.first} to ${expired.next} expired`] : []),
  ].join(', ');
};

describe('a partition is read', () => {
  it('from where its consumer stopped', () => {
    expect([beginning([stored('15')], 15n), beginning([stored('20')], 20n)]).toEqual(['15', '20']);
  });

  it('from its oldest record when its consumer knows nothing of it', () => {
    expect(beginning([])).toBe('10');
    expect(beginning([stored('15', { partition: 1 }), stored('15', { topic: 'u' })])).toBe('10');
  });

  it('from its oldest record, with their range, when records expired before they were consumed', () => {
    expect(beginning([stored('7')])).toBe('10, 7 to 10 expired');
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
  const position = (partition: number) => ({ topic: 't', partition, next: 10n, low: 10n, end: 20n, expired: 6n });

  /** The group has consumed t/0 and t/1 up to 4; this member is assigned t/0. */
  async function begin(changes: Partial<ConsumedOffsets> = {}) {
    const lines: string[] = [];
    const skipped: ExpiredRange[] = [];
    const consumed: ConsumedOffsets = {
      read: async () => [stored('4'), stored('4', { partition: 1 })],
      write: async () => undefined,
      restart: async () => undefined,
      skip: async (ranges) => void skipped.push(...ranges),
      ...changes,
    };
    const offsets = {
      positionsOf: async () => [position(0), position(1)],
      firstAfter: async () => new Map<string, bigint>(),
    };
    const log = (_: unknown, line: string) => void lines.push(line);
    const beginnings = readBeginnings({ groupId: 'g', topics: ['t'], consumed }, offsets, { t: [0] }, log);
    // The test awaits it and judges the error.
    await beginnings.catch(() => undefined);
    return { beginnings, lines, skipped };
  }

  // proves: a jump over records that expired unread is stored
  // proves: each member corrects its own partitions alone
  it('is stored and logged by the member that consumes the partition', async () => {
    const { beginnings, lines, skipped } = await begin();
    expect(await beginnings).toMatchObject([{ topic: 't', partition: 0, next: '10', appendedAt }]);
    expect(skipped).toEqual([{ topic: 't', partition: 0, first: '4', next: '10' }]);
    expect(lines).toEqual([expect.stringMatching(/g reads t\/0 from 10, and has not read 4 to 9$/)]);
  });

  it('is not made, nor logged, before its range is stored', async () => {
    const skip = async () => Promise.reject(new Error('database away'));
    const { beginnings, lines } = await begin({ skip });
    await expect(beginnings).rejects.toThrow('database away');
    expect(lines).toEqual([]);
  });
});

describe('a log that replaced the known one', () => {
  it('is said, with the command that publishes again what is lost, and counted', async () => {
    const lines: string[] = [];
    const read = async () => [stored('14', { topic: 'r' })];
    const nothing = async () => undefined;
    const consumed = { read, write: nothing, restart: nothing, skip: nothing };
    const offsets = {
      positionsOf: async () => [{ topic: 'r', partition: 0, next: 0n, low: 0n, end: 2n, expired: 0n }],
      firstAfter: async () => new Map<string, bigint>(),
    };
    const log = (_: unknown, line: string) => void lines.push(line);
    await readBeginnings({ groupId: 'g', topics: ['r'], consumed }, offsets, { r: [0] }, log);
    expect(lines).toEqual([expect.stringMatching(/created again.*"orderflow republish".*g reads r\/0 from 0$/)]);
    const labels = 'messaging_destination_name="r",messaging_consumer_group_name="g"';
    expect((await metricsText()).text).toContain(`orderflow_replaced_partitions_total{${labels}} 1`);
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
