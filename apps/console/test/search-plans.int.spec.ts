import { beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@orderflow/durable';
import { anEvent, scansOf, TestDatabase } from '@orderflow/testing';
import { PostgresJournal } from '../src/adapters/postgres-journal.js';
import type { Reach } from '../src/adapters/reach.js';
import { search } from '../src/domain/search.js';

const ORDERS = 100_000;
// The client gives up a statement after five seconds.
const CHUNK = 5_000;
// The newest orders of a term; an order, an event and a record are one row.
const MOST_READ = 20;

const own = new TestDatabase('console');
let database: Database;
let journal: PostgresJournal;

const ORDER = '0198f3a2-0000-7000-8000-';
const EVENT = '0198f3a2-0000-7000-9000-';
/** An id that ends with a number, here and in SQL. */
const idOf = (prefix: string, n: number): string => prefix + n.toString(16).padStart(12, '0');
const sqlOf = (prefix: string): string => `'${prefix}' || lpad(to_hex(n), 12, '0')`;
const orderId = sqlOf(ORDER);

/** Each order has two records and five terms. 1,000 customers and products; one customer has a tenth of all orders, one product a third. */
beforeAll(async () => {
  database = own.ending(new Database(own.url, 'test'));
  for (let first = 1; first <= ORDERS; first += CHUNK) {
    const numbers = `generate_series($1::int, $1 + ${CHUNK - 1}) AS n`;
    await database.query(
      `INSERT INTO heads (order_id, stock, payment, settled, placed_at, updated_at, said_at, told, heard)
       SELECT ${orderId}, 'committed', 'captured', true, now(), now(), now(), '{}', '{}' FROM ${numbers}`,
      [first],
    );
    await database.query(
      `INSERT INTO journal (position, subject, type, event_id, appended_at, topic, partition, "offset", repeats)
       SELECT 2 * n, ${orderId}, 'OrderPlaced', (${sqlOf(EVENT)})::uuid, now(), 'orders.events', n % 6, n, false FROM ${numbers}
       UNION ALL
       SELECT 2 * n + 1, ${orderId}, 'PaymentCaptured', gen_random_uuid(), now(), 'payments.events', n % 6, n, false FROM ${numbers}`,
      [first],
    );
    await database.query(
      `INSERT INTO search_terms (kind, term, position, subject)
       SELECT kind, term, 2 * n, ${orderId} FROM ${numbers}, LATERAL (VALUES
         ('customer', CASE WHEN n % 10 = 0 THEN 'c-most' ELSE 'c-' || n % 1000 END),
         ('sku', CASE WHEN n % 3 = 0 THEN 'SKU-most' ELSE 'SKU-' || n % 1000 END),
         ('mail', encode(sha256(convert_to('c-' || n || '@example.com', 'UTF8')), 'hex')),
         ('charge', 'ch_' || n),
         ('trace', lpad(to_hex(n), 32, '0'))) AS terms (kind, term)`,
      [first],
    );
  }
  await database.query('ANALYZE heads, journal, search_terms');
  const decode = async ({ key }: { key: Buffer | null }) => anEvent('OrderPlaced', { subject: String(key) });
  journal = new PostgresJournal(database, { decode }, undefined as unknown as Reach, {
    onWritten: () => () => undefined,
  });
});

const N = 77_777;

describe('a search among 100,000 orders', () => {
  it.each([
    ['order', idOf(ORDER, N), 1],
    ['event', idOf(EVENT, N), 1],
    ['record', `orders.events/${N % 6}/${N}`, 1],
    ['customer', 'c-77', MOST_READ],
    ['customer', 'c-most', MOST_READ],
    ['sku', 'SKU-77', MOST_READ],
    ['sku', 'SKU-most', MOST_READ],
    ['mail', `C-${N}@example.com`, 1],
    ['charge', `ch_${N}`, 1],
    ['trace', N.toString(16).padStart(32, '0'), 1],
    ['nothing', 'nothing of this name', 0],
  ])('finds it by indexes: %s %s', async (kind, text, count) => {
    const hits = await search(journal, text);
    expect(hits.map((hit) => hit.kind)).toEqual(Array.from({ length: count }, () => kind));
    const scans = await scansOf(own.url, async () => search(journal, text));
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.filter(({ type, read }) => type === 'Seq Scan' || read > MOST_READ)).toEqual([]);
  });
});
