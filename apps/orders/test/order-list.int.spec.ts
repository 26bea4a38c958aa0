import { beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@orderflow/durable';
import { scansOf, TestDatabase } from '@orderflow/testing';
import { PrismaOrderReader } from '../src/adapters/prisma-order-reader.js';
import type { OrderCursor, OrderFilter } from '../src/domain/order-reader.js';

const ORDERS = 100_000;
const PAGE = 50;
// A page, what its filters pass over, and one look for the first event of each order of the page.
const MOST_READ = 1_500;

const own = new TestDatabase('orders');
let reader: PrismaOrderReader;

/** A shop: of 1,000 orders 10 are cancelled, of the newest 500 some are under way; 1,000 customers; ten orders a millisecond. */
beforeAll(async () => {
  const database = own.ending(new Database(own.url, 'test'));
  reader = new PrismaOrderReader(own.url);
  own.beforeDrop(() => reader.onApplicationShutdown());
  await database.query(
    `INSERT INTO order_views (order_id, customer_id, status, stock, payment, settled, version, inventory_seq, payments_seq,
            notifications_seq, placed_at, updated_at)
     SELECT gen_random_uuid(), 'c-' || n % 1000,
            CASE WHEN n > ${ORDERS} - 250 THEN 'placed' WHEN n % 100 = 7 THEN 'cancelled' ELSE 'confirmed' END,
            'committed', 'captured', n <= ${ORDERS} - 500, 2, 2, 1, 1,
            timestamptz '2026-11-01' + make_interval(secs => (n / 10) * 0.001), now()
     FROM generate_series(1, ${ORDERS}) AS n`,
  );
  await database.query(
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
     SELECT order_id, 1, gen_random_uuid(), 'OrderPlaced',
            '{"lines": [], "totalMinor": 100, "currency": "EUR"}', placed_at, '', '', ''
     FROM order_views`,
  );
  await database.query('ANALYZE order_views, order_events');
});

const filters: OrderFilter[] = (['placed', 'confirmed', 'cancelled', undefined] as const).flatMap((status) =>
  [true, false, undefined].flatMap((settled) =>
    ['c-7', undefined].map((customerId) => ({
      ...(status && { status }),
      ...(settled !== undefined && { settled }),
      ...(customerId && { customerId }),
    })),
  ),
);

/** In the middle of all orders. */
const middle: OrderCursor = {
  placedAt: new Date('2026-11-01T00:00:05.000Z'),
  orderId: '80000000-0000-0000-0000-000000000000',
};

describe('a list of orders among 100,000', () => {
  it.each(filters)('reads by index: %j', async (filter) => {
    // A placed order is never settled: the reader answers without a look.
    const looks = filter.status === 'placed' && filter.settled ? [] : ['order_views'];
    for (const after of [undefined, middle]) {
      const list = () => reader.list({ ...filter, ...(after && { after }) }, PAGE + 1);
      const scans = await scansOf(own.url, list);
      expect(scans.map(({ relation }) => relation)).toEqual(expect.arrayContaining(looks));
      expect(scans.filter(({ type, read }) => type === 'Seq Scan' || read > MOST_READ)).toEqual([]);
    }
  });

  it.each<OrderFilter>([{ settled: false }, { status: 'cancelled' }, { customerId: 'c-7' }])(
    'has each order on one page, also those of the same millisecond: %j',
    async (filter) => {
      const seen: string[] = [];
      for (let after: OrderCursor | undefined; ;) {
        const page = await reader.list({ ...filter, ...(after && { after }) }, 99);
        if (page.length === 0) break;
        seen.push(...page.map(({ orderId }) => orderId));
        after = page.at(-1);
      }
      const expected = filter.settled === false ? 500 : filter.status ? 998 : 100;
      expect([seen.length, new Set(seen).size]).toEqual([expected, expected]);
    },
  );
});
