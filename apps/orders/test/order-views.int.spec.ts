import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Event } from '@orderflow/contracts';
import { Connection, Database } from '@orderflow/durable';
import { anEvent, batchContext as context, handleBatch, TestDatabase } from '@orderflow/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { randomUUID } from 'node:crypto';
import { PrismaClient } from '../src/adapters/generated/client.js';
import { OrderRepository } from '../src/adapters/order-repository.js';
import { PrismaOrderReader } from '../src/adapters/prisma-order-reader.js';
import { ViewRepository } from '../src/adapters/view-repository.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { OrderCommand } from '../src/domain/order.js';
import { type Viewed, viewDecider, type ViewedType } from '@orderflow/order-view';

const orders = new OrderRepository();
const views = new ViewRepository();
const own = new TestDatabase('orders');
let database: Database;
let instance: Connection;
let otherInstance: Connection;
let reader: PrismaOrderReader;

beforeAll(async () => {
  database = own.ending(new Database(own.url, 'test'));
  instance = own.ending(new Connection(own.url, 'one'));
  otherInstance = own.ending(new Connection(own.url, 'two'));
  reader = new PrismaOrderReader(own.url);
  own.beforeDrop(() => reader.onApplicationShutdown());
  const price = { priceMinor: 450, currency: 'EUR', sequence: 1 };
  await handle([{ type: 'ListPrice', sku: 'TEA', price }]);
});

const handle = (commands: readonly OrderCommand[]) =>
  instance.transaction((sql) => handleBatch(sql, { decide, evolve }, orders, commands));
const project = async (events: readonly Viewed[], beforeSave?: () => Promise<unknown>, connection = instance) =>
  connection.transaction((sql) => handleBatch(sql, viewDecider, views, events, beforeSave));

const lines = [{ sku: 'TEA', quantity: 2, unitPriceMinor: 450 }];

async function place(customerId = 'c-1', orderId: string = randomUUID()): Promise<string> {
  const email = 'ada@example.com';
  const token = { paymentToken: 'encrypted', paymentTokenDigest: 'digest' };
  const request = { customerId, email, currency: 'EUR', lines, ...token };
  await handle([{ type: 'PlaceOrder', orderId, ...request, mostTotalMinor: 900 }]);
  return orderId;
}

const published = <Type extends ViewedType>(type: Type, subject: string, change: Partial<Event<Type>> = {}) =>
  anEvent<ViewedType>(type, { subject, time: context.at.toISOString(), ...change } as Partial<Event<ViewedType>>);

function placed(orderId: string, customerId = 'c-1', time = context.at): Viewed {
  const data = { ...anEvent('OrderPlaced').data, customerId, lines, totalMinor: 900 };
  return published('OrderPlaced', orderId, { data, time: time.toISOString() });
}
const reserved = (orderId: string): Viewed => published('StockReserved', orderId);
const captured = (orderId: string): Viewed => published('PaymentCaptured', orderId);

/** Sessions report their statistics with a delay. */
const flushStatistics = () =>
  Promise.all(
    [instance, otherInstance].map((each) => each.session((sql) => sql.query('SELECT pg_stat_force_next_flush()'))),
  );

describe('the read side', () => {
  it('answers from the view once it exists, joined with what the order was placed with', async () => {
    const orderId = await place();
    await project([reserved(orderId), placed(orderId), placed(orderId)]);
    expect(await reader.find(orderId, 1)).toEqual({
      readFrom: 'view',
      heard: { orders: 1, inventory: 1, payments: 0, notifications: 0 },
      order: {
        orderId,
        customerId: 'c-1',
        status: 'placed',
        stock: 'reserved',
        payment: 'pending',
        settled: false,
        version: 1,
        lines,
        totalMinor: 900,
        currency: 'EUR',
        placedAt: context.at,
        updatedAt: context.at,
        traceId: 'a'.repeat(32),
      },
    });
  });

  it('answers from the write side until then, with the events of other services that the view contains', async () => {
    const orderId = await place();
    expect(await reader.find(orderId, 0)).toMatchObject({ readFrom: 'write-side', order: { stock: 'pending' } });
    await project([reserved(orderId)]);
    expect(await reader.find(orderId, 0)).toMatchObject({
      readFrom: 'write-side',
      order: { status: 'placed', stock: 'reserved', version: 1, lines, traceId: 'a'.repeat(32) },
    });
  });

  it('waits for the requested version, then reads the write side', async () => {
    const orderId = await place();
    await project([placed(orderId)]);
    await handle([{ type: 'CancelOrder', orderId, reason: 'timed_out' }]);
    const cancelled = { status: 'cancelled', cancelReason: 'timed_out', version: 2, stock: 'pending' };
    expect(await reader.find(orderId, 2)).toMatchObject({ readFrom: 'write-side', order: cancelled });
    let waiting: Promise<unknown> | undefined;
    const data = { email: 'ada@example.com', reason: 'timed_out' as const };
    // It asks just before the commit: a read waits for about a second.
    await project([published('OrderCancelled', orderId, { data, sequence: 2 })], async () => {
      waiting = reader.find(orderId, 2);
    });
    expect(await waiting).toMatchObject({ readFrom: 'view', order: cancelled });
  });

  it('answers for an instant from the own events, and completely only from the newest event of all on', async () => {
    const orderId = await place();
    await project([placed(orderId)]);
    const moment = (ms: number) => new Date(context.at.getTime() + ms);
    expect(await reader.findAt(orderId, moment(-1))).toEqual({ existsSince: context.at });
    expect(await reader.findAt(orderId, context.at)).toMatchObject({
      complete: true,
      order: { stock: 'pending', lines },
    });
    await project([published('StockReserved', orderId, { time: moment(10).toISOString() })]);
    expect(await reader.findAt(orderId, moment(9))).toMatchObject({
      complete: false,
      order: { status: 'placed', lines },
    });
    expect(await reader.findAt(orderId, moment(10))).toMatchObject({ complete: true, order: { stock: 'reserved' } });
  });

  it('finds nothing for an order that was never placed', async () => {
    expect(await reader.findAt(randomUUID(), context.at)).toBeUndefined();
    expect(await reader.find(randomUUID(), 0)).toBeUndefined();
    expect(await reader.history(randomUUID())).toEqual([]);
  });

  it('returns the history without e-mail address and payment token', async () => {
    const orderId = await place();
    await handle([{ type: 'RequestCancel', orderId }]);
    const events = await reader.history(orderId);
    expect(events).toMatchObject([
      { type: 'OrderPlaced', version: 1, time: context.at, data: { totalMinor: 900 }, causationId: context.id },
      { type: 'OrderCancelled', version: 2, data: { reason: 'customer_request' } },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/ada@|encrypted|digest/);
  });

  // proves: orders: a view that two instances create at once loses nothing
  it('loses nothing when two instances create a view at once', async () => {
    const orderId = await place();
    const late = project([reserved(orderId)], () => project([captured(orderId)], undefined, otherInstance));
    await expect(late).rejects.toMatchObject({ code: '23505' });
    let waiting: Promise<unknown> | undefined;
    await project([reserved(orderId)], async () => {
      waiting = project([placed(orderId)], undefined, otherInstance);
    });
    await waiting;
    const order = { stock: 'reserved', payment: 'captured', status: 'placed' };
    expect(await reader.find(orderId, 1)).toMatchObject({ readFrom: 'view', order });
  });

  it('lists the newest first, page by page, by customer and status', async () => {
    const customerId = `c-${randomUUID()}`;
    const ids = [randomUUID(), randomUUID(), randomUUID()].toSorted();
    const [a, b, c] = ids as [string, string, string];
    const later = new Date(context.at.getTime() + 1);
    for (const id of ids) await place(customerId, id);
    // Two at the same instant are sorted by id.
    await project([placed(c, customerId, later), placed(a, customerId), placed(b, customerId)]);
    const page = await reader.list({ customerId, status: 'placed', settled: false }, 2);
    expect(page.map(({ orderId }) => orderId)).toEqual([c, b]);
    expect((await reader.list({ customerId, after: page[1]! }, 2)).map(({ orderId }) => orderId)).toEqual([a]);
    expect(await reader.list({ customerId, status: 'cancelled' }, 2)).toEqual([]);
  });

  it('updates a view without touching an index (HOT)', async () => {
    const orderId = await place();
    await project([placed(orderId)]);
    await flushStatistics();
    await database.query("SELECT pg_stat_reset_single_table_counters('order_views'::regclass)");
    await project([reserved(orderId)]);
    await project([captured(orderId)]);
    await flushStatistics();
    const counted = await database.query(
      "SELECT n_tup_upd::int AS changed, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'order_views'",
    );
    expect(counted).toEqual([{ changed: 2, hot: 2 }]);
  });

  it('has the tables of the write side as schema.prisma describes them', async () => {
    const orderId = await place();
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: own.url }) });
    const order = await prisma.order.findUnique({ where: { orderId } });
    const price = await prisma.price.findUnique({ where: { sku: 'TEA' } });
    await prisma.$disconnect();
    expect(order).toMatchObject({ version: 1, status: 'placed', cancelReason: null, totalMinor: 900n });
    expect(price).toEqual({ sku: 'TEA', priceMinor: 450n, currency: 'EUR', sequence: 1 });
  });

  it('throws a transient error when the database is unreachable', async () => {
    const nowhere = new PrismaOrderReader('postgres://nobody:none@127.0.0.1:1/none');
    await expect(nowhere.find(randomUUID(), 0)).rejects.toMatchObject({ transient: true });
  });
});
