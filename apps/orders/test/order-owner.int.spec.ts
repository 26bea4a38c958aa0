import { beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@orderflow/durable';
import { viewDecider } from '@orderflow/order-view';
import { anEvent, handleBatch, TestDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { OrderRepository } from '../src/adapters/order-repository.js';
import { PrismaOrderReader } from '../src/adapters/prisma-order-reader.js';
import { ViewRepository } from '../src/adapters/view-repository.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { OrderCommand } from '../src/domain/order.js';

const own = new TestDatabase('orders');
let connection: Connection;
let reader: PrismaOrderReader;
beforeAll(async () => {
  connection = own.ending(new Connection(own.url, 'test'));
  reader = new PrismaOrderReader(own.url);
  own.beforeDrop(() => reader.onApplicationShutdown());
  await handle({ type: 'ListPrice', sku: 'TEA', price: { priceMinor: 450, currency: 'EUR', sequence: 1 } });
});

const handle = (command: OrderCommand) =>
  connection.transaction((sql) => handleBatch(sql, { decide, evolve }, new OrderRepository(), [command]));

/** An order of ada that the write side has, and the view as well where `isViewed`. */
async function place(isViewed: boolean): Promise<string> {
  const orderId = randomUUID();
  const customerId = 'ada';
  const lines = [{ sku: 'TEA', quantity: 2 }];
  const token = { paymentToken: 'encrypted', paymentTokenDigest: 'digest' };
  const request = { customerId, email: 'ada@example.com', currency: 'EUR', lines, ...token };
  await handle({ type: 'PlaceOrder', orderId, ...request, mostTotalMinor: 900 });
  const event = anEvent('OrderPlaced', { subject: orderId });
  const seen = { ...event, data: { ...event.data, customerId } };
  if (isViewed) await connection.transaction((sql) => handleBatch(sql, viewDecider, new ViewRepository(), [seen]));
  return orderId;
}

const afterwards = () => new Date(Date.now() + 3_600_000);
type Read = (orderId: string, owner?: string) => Promise<unknown>;

describe.each<[string, Read, boolean]>([
  ['the order in the view', (id, owner) => reader.find(id, 0, owner), true],
  ['the order at a version', (id, owner) => reader.find(id, 1, owner), true],
  ['the order on the write side', (id, owner) => reader.find(id, 0, owner), false],
  ['the order at an instant', (id, owner) => reader.findAt(id, afterwards(), owner), false],
  ['the order before it was placed', (id, owner) => reader.findAt(id, new Date(0), owner), false],
  ['its events', (id, owner) => reader.history(id, owner), false],
  ['the request that placed it', (id, owner) => reader.originOf(id, owner), false],
])('%s', (_what, read, isViewed) => {
  // proves: orders: a customer finds own orders only
  it('is found by its customer and by operators, and for another customer it was never placed', async () => {
    const [ofAda, none] = [await place(isViewed), randomUUID()];
    const found = await read(ofAda);
    expect(found).not.toEqual(await read(none));
    expect(await read(ofAda, 'ada')).toEqual(found);
    expect(await read(ofAda, 'eve')).toEqual(await read(none, 'eve'));
  });
});
