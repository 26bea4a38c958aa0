import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type JournalFacts, journalRules, violationsOf } from '@orderflow/invariants';
import type { RawRecord } from '@orderflow/kafka';
import { JournalComparison, type JournalRows, type PlacedRow, type Stretch } from './journal-comparison.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 1, 12, 0, second));

/** The record at an offset, appended as many seconds after noon, of the key `k`. */
const recordAt = (offset: number, topic = 'orders.events', key = 'k'): RawRecord => ({
  topic,
  partition: 0,
  offset: String(offset),
  timestamp: at(offset),
  key: Buffer.from(key),
  value: Buffer.from(`value ${offset}`),
  headers: { ce_id: Buffer.from(`id-${offset}`), ce_type: Buffer.from('OrderPlaced') },
});

/** The row of that record. */
const rowAt = (offset: number, changes: Partial<PlacedRow> = {}): PlacedRow => ({
  offset: String(offset),
  appendedAt: at(offset),
  subject: 'k',
  type: 'OrderPlaced',
  eventId: `id-${offset}`,
  why: null,
  value: hash('sha256', `value ${offset}`),
  ...changes,
});

/** A journal that has read everything before `now`, and all but the last row of which were there before. */
const journalOf = (rows: readonly PlacedRow[], now = Infinity): JournalRows => {
  const within = (holds: (offset: number) => boolean) => rows.filter(({ offset }) => holds(Number(offset)));
  return {
    between: async ({ next }, from, last) => within((it) => it >= from && it <= last && it < next),
    behind: async ({ next }, from) => within((it) => it >= from && (it < next || it >= now)),
  };
};

interface Compared {
  readonly batches: readonly (readonly RawRecord[])[];
  readonly rows: readonly PlacedRow[];
  readonly next: number;
  readonly now?: number;
}

async function compare({ batches, rows, next, now }: Compared): Promise<JournalFacts[]> {
  const facts: JournalFacts[] = [];
  const stretchOf = (topic: string, partition: number): Stretch => ({ topic, partition, next: BigInt(next) });
  const comparison = new JournalComparison(journalOf(rows, now), stretchOf, (it) => facts.push(it));
  for (const batch of batches) await comparison.take(batch);
  await comparison.end();
  return facts;
}

const brokenIn = async (compared: Compared): Promise<string[]> =>
  violationsOf(journalRules, await compare(compared)).map(({ subject, found }) => `${subject}: ${found}`);

const three = [[recordAt(4), recordAt(5)], [recordAt(6)]];

describe('the comparison of a partition with the journal', () => {
  it('finds nothing where each record has one row that is like it', async () => {
    expect(await brokenIn({ batches: three, rows: [4, 5, 6].map((it) => rowAt(it)), next: 7 })).toEqual([]);
  });

  it.each<[difference: string, rows: PlacedRow[], found: string]>([
    ['a record without a row', [rowAt(4), rowAt(6)], '@5: 0 rows'],
    ['a second row', [rowAt(4), rowAt(5), rowAt(5), rowAt(6)], '@5: 2 rows'],
    ['another value', [rowAt(4), rowAt(5, { value: hash('sha256', '') }), rowAt(6)], '@5: a row with another value'],
    ['no value', [rowAt(4), rowAt(5, { value: null }), rowAt(6)], '@5: a row with another value'],
    ['another id', [rowAt(4), rowAt(5, { eventId: 'id-6' }), rowAt(6)], '@5: a row with another id'],
    ['another type', [rowAt(4), rowAt(5, { type: 'OrderConfirmed' }), rowAt(6)], '@5: a row with another type'],
    ['another subject', [rowAt(4), rowAt(5, { subject: 'l' }), rowAt(6)], '@5: a row with another key'],
    ['another time', [rowAt(4), rowAt(5, { appendedAt: at(6) }), rowAt(6)], '@5: a row with another time'],
  ])('names the place of %s', async (_difference, rows, found) => {
    expect(await brokenIn({ batches: three, rows, next: 7 })).toEqual([`orders.events/0${found}`]);
  });

  it('compares of a record that is no event its value and its time alone', async () => {
    const rows = [rowAt(4), rowAt(5, { why: 'not_framed', subject: '', type: '', eventId: null }), rowAt(6)];
    expect(await brokenIn({ batches: three, rows, next: 7 })).toEqual([]);
    const [first, second, third] = rows;
    const other = [first!, { ...second!, value: hash('sha256', 'other') }, third!];
    expect(await brokenIn({ batches: three, rows: other, next: 7 })).toEqual([
      'orders.events/0@5: a row with another value',
    ]);
  });

  it('counts records that the journal has not read, and judges neither them nor rows that came meanwhile', async () => {
    const compared = { batches: three, rows: [4, 5, 6].map((it) => rowAt(it)), next: 5, now: 7 };
    expect(await brokenIn(compared)).toEqual([]);
    const figures = (await compare(compared)).map((it) => journalRules[0]!.judge(it).found);
    expect(figures).toEqual([{ rows: 1 }, { 'not read yet': 1 }, { 'not read yet': 1 }]);
  });

  it('names rows behind the last record, and rows that the journal cannot have read', async () => {
    const rows = [4, 5, 6, 7, 9].map((it) => rowAt(it));
    expect(await brokenIn({ batches: three, rows, next: 8, now: 8 })).toEqual([
      'orders.events/0@7: 1 rows',
      'orders.events/0@9: 1 rows',
    ]);
    const early = { batches: three, rows: [rowAt(4), rowAt(6)], next: 5, now: 5 };
    expect(await brokenIn(early)).toEqual(['orders.events/0@6: 1 rows']);
  });

  it('leaves out rows of records that have expired, and of a topic that was created again', async () => {
    const older = [1, 4, 5, 8].map((offset) => rowAt(offset, { appendedAt: at(3), value: null }));
    const rows = [...older, ...[4, 5, 6].map((it) => rowAt(it))];
    expect(await brokenIn({ batches: three, rows, next: 7, now: 7 })).toEqual([]);
  });

  it('finds the row of a record that the broker has stamped earlier than the ones before it', async () => {
    const batches = [[recordAt(4), { ...recordAt(5), timestamp: at(1) }]];
    expect(await brokenIn({ batches, rows: [rowAt(4), rowAt(5, { appendedAt: at(1) })], next: 6 })).toEqual([]);
    expect(await brokenIn({ batches, rows: [rowAt(4)], next: 6 })).toEqual(['orders.events/0@5: 0 rows']);
  });
});

describe('the comparison of a compacted topic', () => {
  const of = (offset: number, key: string) => recordAt(offset, 'inventory.products', key);
  const rowOf = (offset: number, subject: string) => rowAt(offset, { subject });

  it('leaves out a row whose record gave way to a newer one of the same key', async () => {
    const batches = [[of(1, 'tea'), of(5, 'mugs')], [of(8, 'tea')]];
    const rows = [rowOf(1, 'tea'), rowOf(3, 'tea'), rowOf(5, 'mugs'), rowOf(6, 'tea'), rowOf(8, 'tea')];
    expect(await brokenIn({ batches, rows, next: 9 })).toEqual([]);
  });

  it('names a row without a record whose key has no newer one', async () => {
    const batches = [[of(1, 'tea'), of(5, 'mugs')]];
    const rows = [rowOf(1, 'tea'), rowOf(3, 'tea'), rowOf(5, 'mugs')];
    expect(await brokenIn({ batches, rows, next: 6 })).toEqual(['inventory.products/0@3: 1 rows']);
  });
});
