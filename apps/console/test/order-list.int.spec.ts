import { beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@orderflow/durable';
import { scansOf, TestDatabase } from '@orderflow/testing';
import { countsOf, listOf, troublesOf } from '../src/adapters/head-list.js';
import type { ListFilter } from '../src/domain/journal.js';

const ORDERS = 100_000;
// The client gives up a statement after ten seconds.
const CHUNK = 10_000;
const PAGE = 101;
// A page, and what its filters pass over: the orders of two minutes.
const MOST_READ = 2_500;

const own = new TestDatabase('console');
let database: Database;

const start = Date.parse('2026-11-01T00:00:00Z');
const after = (seconds: number): Date => new Date(start + seconds * 1_000);
const noon = after(ORDERS / 20);

/**
 * Ten orders a second, most of them settled after a second, one of 1,000 after an hour; of the newest some are under way. One of
 * 100 is cancelled, one of 1,000 because its deadline had passed. 1,000 customers. One product is in every third order.
 */
beforeAll(async () => {
  database = own.ending(new Database(own.url, 'test'));
  for (let first = 1; first <= ORDERS; first += CHUNK)
    await database.query(
      `INSERT INTO heads (order_id, status, cancel_reason, stock, payment, settled, customer_id, placed_at, decided_at, settled_at,
              updated_at, said_at, told, heard)
       SELECT gen_random_uuid(), CASE WHEN is_open THEN 'placed' WHEN n % 100 = 7 THEN 'cancelled' ELSE 'confirmed' END,
              CASE WHEN n % 1000 = 7 THEN 'timed_out' WHEN n % 100 = 7 THEN 'out_of_stock' END,
              'committed', 'captured', NOT is_open, 'c-' || n % 1000, at, CASE WHEN NOT is_open THEN over END,
              CASE WHEN NOT is_open THEN over END, over, over, '{}', '{}'
       FROM generate_series($1::int, $1 + ${CHUNK - 1}) AS n,
            LATERAL (SELECT n > ${ORDERS - 250} AS is_open, timestamptz '2026-11-01T00:00:00Z' + n * interval '100 ms' AS at),
            LATERAL (SELECT at + CASE WHEN n % 1000 = 3 THEN interval '1 hour' ELSE interval '1 second' END AS over)`,
      [first],
    );
  await database.query(
    `INSERT INTO search_terms (kind, term, position, subject)
     SELECT 'sku', sku, n, order_id
     FROM (SELECT order_id, row_number() OVER (ORDER BY placed_at) AS n FROM heads) AS numbered,
          LATERAL (SELECT 'SKU-' || n % 1000 AS sku UNION ALL SELECT 'SKU-most' WHERE n % 3 = 0) AS products`,
  );
  await database.query('ANALYZE heads, search_terms');
});

const filters: ListFilter[] = (['placed', 'confirmed', 'cancelled', undefined] as const).flatMap((status) =>
  [true, false, undefined].flatMap((settled) => [
    { ...(status && { status }), ...(settled !== undefined && { settled }) },
    { ...(status && { status }), ...(settled !== undefined && { settled }), customerId: 'c-7' },
  ]),
);
const more: ListFilter[] = [
  { reason: 'timed_out' },
  { sku: 'SKU-7' },
  { sku: 'SKU-most' },
  { sku: 'SKU-most', settled: true },
  { trouble: { overdueSince: after(ORDERS / 10 - 10) } },
];

const cursors = [undefined, { placedAt: noon, orderId: '80000000-0000-0000-0000-000000000000' }];

async function expectIndexed(text: string, values: readonly unknown[]): Promise<void> {
  const scans = await scansOf(own.url, async () => database.query(text, values));
  expect(scans.length).toBeGreaterThan(0);
  expect(scans.filter(({ type, read }) => type === 'Seq Scan' || read > MOST_READ)).toEqual([]);
}

describe('a page among 100,000 orders', () => {
  it.each([...filters, ...more])('is read by indexes, now and at an instant: %j', async (filter) => {
    for (const at of [undefined, noon])
      for (const cursor of cursors) {
        const { text, values } = listOf({ ...filter, ...(at && { at }), ...(cursor && { after: cursor }) }, PAGE);
        await expectIndexed(text, values);
      }
  });

  it.each(['some', 'no'])('is read by indexes where it has those in trouble, %s of them late', async (late) => {
    const ids = (await database.query<{ id: string }>('SELECT order_id AS id FROM heads LIMIT 200')).map(
      ({ id }) => id,
    );
    const overdueSince = late === 'some' ? after(ORDERS / 10 - 10) : after(0);
    for (const trouble of [{ orderIds: ids }, { orderIds: ids, overdueSince }, { overdueSince }]) {
      const { text, values } = listOf({ trouble }, PAGE);
      await expectIndexed(text, values);
    }
    for (const at of [undefined, noon]) {
      const { text, values } = troublesOf({ at, overdueSince, parked: ids, dead: ids.slice(0, 9) }, 10_001);
      await expectIndexed(text, values);
    }
  });

  it('counts those in trouble once, late ones and others', async () => {
    const ids = (
      await database.query<{ id: string }>('SELECT order_id AS id FROM heads ORDER BY placed_at DESC LIMIT 300')
    ).map(({ id }) => id);
    // 250 are open, the ten newest seconds hold 100 of them.
    const question = { at: undefined, overdueSince: after(ORDERS / 10 - 10), parked: ids, dead: ids.slice(0, 9) };
    const { text, values } = troublesOf(question, 10_001);
    expect(await database.query(text, values)).toEqual([{ any: 300, overdue: 150, parked: 300, dead: 9 }]);
    const trouble = { orderIds: question.parked, overdueSince: question.overdueSince };
    const list = listOf({ trouble }, 1_000);
    expect(await database.query(list.text, list.values)).toHaveLength(300);
  });

  it('has those that were under way at an instant: the fast, the slow and none else', async () => {
    const { text, values } = listOf({ settled: false, at: noon }, PAGE);
    const found = await database.query<{ placedAt: Date; settledAt: Date | null }>(text, values);
    const expected = await database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM heads WHERE placed_at <= $1 AND (settled_at IS NULL OR settled_at > $1)`,
      [noon],
    );
    // Ten of the last second, and one of each 1,000 of the last hour.
    expect(found).toHaveLength(10 + 36);
    expect(found).toHaveLength(expected[0]!.count);
    expect(found.map(({ placedAt }) => placedAt.getTime())).toEqual(
      found.map(({ placedAt }) => placedAt.getTime()).toSorted((a, b) => b - a),
    );
    const counted = countsOf(noon, 10_001);
    const [counts] = await database.query<Record<string, number>>(counted.text, counted.values);
    expect(counts).toEqual({ all: 10_001, underWay: found.length, confirmed: 10_001, cancelled: expect.any(Number) });
  });
});
