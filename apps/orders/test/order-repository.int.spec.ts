import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection, Database } from '@orderflow/durable';
import { testDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { OrderRepository } from '../src/adapters/order-repository.js';
import { rebuildSnapshots } from '../src/adapters/rebuild-snapshots.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { OrderCommand, PlaceOrder } from '../src/domain/order.js';
import { context, commit } from './commit.js';

const repository = new OrderRepository();
let own: Awaited<ReturnType<typeof testDatabase>>;
let database: Database;
let instance: Connection;
let otherInstance: Connection;

const batch = (commands: readonly OrderCommand[], beforeSave?: () => Promise<unknown>, connection = instance) =>
  commit(connection, { decide, evolve }, repository, commands, beforeSave);

const placeOrder = (change: Partial<PlaceOrder> = {}): PlaceOrder => ({
  type: 'PlaceOrder',
  orderId: randomUUID(),
  customerId: 'c-1',
  email: `o'brien"{},\\@example.com`,
  currency: 'EUR',
  lines: [{ sku: 'TEA', quantity: 2 }],
  paymentToken: 'tok_visa',
  ...change,
});

const listTea = (priceMinor: number, sequence: number): OrderCommand => ({
  type: 'ListPrice',
  sku: 'TEA',
  price: { priceMinor, currency: 'EUR', sequence },
});

beforeAll(async () => {
  own = await testDatabase('orders');
  database = new Database(own.url, 'test');
  instance = new Connection(own.url, 'one');
  otherInstance = new Connection(own.url, 'two');
  await batch([listTea(450, 1)]);
});
afterAll(async () => {
  await Promise.all([database?.end(), instance?.end(), otherInstance?.end()]);
  await own?.drop();
});

const historyOf = (orderId: string) =>
  database.query('SELECT version, type, data, time, causation_id FROM order_events WHERE order_id = $1 ORDER BY 1', [
    orderId,
  ]);

describe('orders in Postgres', () => {
  it('stores each event of a batch, and decides the next batch on them', async () => {
    const first = placeOrder();
    const second = placeOrder();
    await batch([first, second, { type: 'ConfirmOrder', orderId: first.orderId }]);
    await batch([
      { type: 'CancelOrder', orderId: second.orderId, reason: 'out_of_stock' },
      { type: 'CancelOrder', orderId: first.orderId, reason: 'timed_out' },
    ]);
    const money = { totalMinor: 900, currency: 'EUR' };
    expect(await historyOf(first.orderId)).toMatchObject([
      { version: 1, type: 'OrderPlaced', time: context.at, causation_id: context.id },
      { version: 2, type: 'OrderConfirmed', data: { email: first.email, ...money } },
    ]);
    expect(await historyOf(second.orderId)).toMatchObject([{ version: 1 }, { version: 2, type: 'OrderCancelled' }]);
  });

  it('recognises a repeated request in the same batch and in a later one', async () => {
    const command = placeOrder();
    expect(await batch([command, command])).toHaveLength(1);
    expect(await batch([command])).toHaveLength(0);
  });

  it('stores nothing of an order that is refused', async () => {
    const command = placeOrder({ lines: [{ sku: 'NONE', quantity: 1 }] });
    await expect(batch([command])).rejects.toThrow('there is no product NONE');
    expect(await database.query('SELECT FROM orders WHERE order_id = $1', [command.orderId])).toEqual([]);
  });

  // proves: orders: the version of an event is unique in its order
  it('lets one of two instances place an order, and the other finds it when it retries', async () => {
    const command = placeOrder();
    const late = batch([command], () => batch([command], undefined, otherInstance));
    await expect(late).rejects.toMatchObject({ code: '23505' });
    expect(await batch([command])).toEqual([]);
    expect(await historyOf(command.orderId)).toHaveLength(1);
  });

  it('does not deadlock two instances that place the same orders in different order', async () => {
    const commands = Array.from({ length: 50 }, () => placeOrder());
    const results = await Promise.allSettled([batch(commands), batch(commands.toReversed(), undefined, otherInstance)]);
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'committed'));
    expect(codes).toContain('committed');
    expect(codes).not.toContain('40P01');
  });

  it('makes one instance wait while the other decides on the same order', async () => {
    const command = placeOrder();
    await batch([command]);
    const { orderId } = command;
    let late: Promise<unknown> | undefined;
    await batch([{ type: 'ConfirmOrder', orderId }], async () => {
      late = batch([{ type: 'CancelOrder', orderId, reason: 'timed_out' }], undefined, otherInstance);
    });
    expect(await late).toEqual([]);
    expect(await historyOf(orderId)).toMatchObject([{ type: 'OrderPlaced' }, { type: 'OrderConfirmed' }]);
  });

  // proves: orders: a price is never overwritten by an older one
  it('never overwrites a newer price, even when an instance is late', async () => {
    await batch([listTea(460, 2)], () => batch([listTea(470, 3)], undefined, otherInstance));
    const [placed] = await batch([placeOrder()]);
    expect(placed!.event).toMatchObject({ data: { totalMinor: 940 } });
  });

  it('rebuilds the same snapshots from the events', async () => {
    const snapshots = () => database.query('SELECT * FROM orders ORDER BY order_id');
    const written = await snapshots();
    await database.query('TRUNCATE orders');
    await rebuildSnapshots(database);
    expect(written.length).toBeGreaterThan(3);
    expect(await snapshots()).toEqual(written);
  });
});
