import { describe, expect, it } from '@jest/globals';
import { flowOf } from '../../../test/fixtures/flow.js';
import { groupWaits, lagWords, outboxWords, rateOf, rateWords, readingWords, troublesOf } from './figures.js';

const flow = flowOf('full', null);
const wordsOf = (mode: string): string[] => troublesOf(flowOf(mode, null), 'utc').map(({ words }) => words);

describe('a rate', () => {
  it.each([
    [2280, '38/s'],
    [144, '2.4/s'],
    [9, '9/min'],
    [0, '0/min'],
  ])('of %i events in a minute is %s', (count, words) => {
    expect(rateWords({ count, perSecond: count / 60, bars: [] })).toBe(words);
  });

  it('of a topic is that of its events together', () => {
    expect(rateOf(flow, ['OrderConfirmed', 'OrderCancelled'])).toMatchObject({ count: 2274, perSecond: 37.9 });
  });

  it('is none while the journal does not answer: not zero', () => {
    const rates = { state: 'unknown', since: '2026-11-24T14:01:58.000Z', why: 'away' } as const;
    expect(rateOf({ ...flow, rates }, ['OrderPlaced'])).toBeUndefined();
  });
});

describe('a figure that a part does not give', () => {
  const since = '2026-11-24T14:01:58.000Z';

  it('is not known since the last answer', () => {
    expect(readingWords({ state: 'unknown', since, why: 'away' }, () => '0', 'utc')).toBe('not known since 14:01:58');
  });

  it('is not kept of the past', () => {
    expect(readingWords({ state: 'not_kept' }, () => '0', 'utc')).toBe('not kept');
  });
});

describe('what a person should know first', () => {
  it('is nothing while outboxes drain and groups keep up', () => {
    expect(wordsOf('full')).toEqual([]);
    expect(wordsOf('empty')).toEqual([]);
  });

  it('names the part that does not answer, then what is held back', () => {
    expect(wordsOf('silent')).toEqual([
      'Payments does not answer. Not known since 14:01:58: the outbox of payments.',
      'The outbox of inventory: 412 pending, oldest 14.2 s.',
      'The group payments: 12 records behind, oldest 240 ms, 3 records expired unread.',
      'The group orders.views: 12,480 records behind, oldest 41.0 s.',
    ]);
  });

  it('is silent about the past, of which neither outbox nor lag is kept', () => {
    expect(troublesOf(flowOf('silent', '2026-11-24T14:00:00.000Z'), 'utc')).toEqual([]);
  });
});

describe('a group', () => {
  const at = '2026-11-24T14:02:16.000Z';
  const behind = (records: number, oldestAt: string | null) => ({ records, oldestAt, expired: 0, topics: [] });

  it('keeps up while its oldest record is younger than a few seconds, however many there are', () => {
    expect(groupWaits(behind(10_000, '2026-11-24T14:02:11.000Z'), at)).toBe(false);
    expect(groupWaits(behind(1, '2026-11-24T14:02:10.999Z'), at)).toBe(true);
  });

  it('waits where records have expired', () => {
    expect(groupWaits({ ...behind(0, null), expired: 1 }, at)).toBe(true);
  });

  it('has words for its lag, also where the journal has not the record, or the clock of the broker is ahead', () => {
    expect(lagWords(behind(0, null), at)).toBe('has read all');
    expect(lagWords(behind(1, null), at)).toBe('1 record behind');
    expect(lagWords(behind(12_480, '2026-11-24T14:02:10.000Z'), at)).toBe('12,480 records behind, oldest 6.0 s');
    expect(lagWords(behind(2, '2026-11-24T14:02:16.100Z'), at)).toBe('2 records behind, oldest 0 ms');
    expect(outboxWords({ pending: 0, oldestAgeMs: 0, rejected: 1 })).toBe('empty, 1 rejected');
  });
});
