import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Commands } from '@orderflow/durable';
import { createHttpApp } from '@orderflow/http';
import { randomUUID } from 'node:crypto';
import { type OrderFilter, OrderReader, type ShownOrder } from '../domain/order-reader.js';
import type { OrderTypes } from '../domain/order-working-set.js';
import { decide } from '../domain/decide.js';
import { evolve } from '../domain/evolve.js';
import { noOrder, type OrderState } from '../domain/order.js';
import { OrderCommandsController } from './order-commands.controller.js';
import { OrderReadsController } from './order-reads.controller.js';

const prices = new Map([['TEA', { priceMinor: 450, currency: 'EUR', sequence: 1 }]]);
const states = new Map<string, OrderState>();
let afterRefusal = (): void => undefined;

/** The real decider on states in memory. */
const commands: Pick<Commands<OrderTypes>, 'execute'> = {
  async execute(command) {
    if (command.type === 'ListPrice') throw new Error('no request leads to this command');
    try {
      const before = { order: states.get(command.orderId) ?? noOrder, prices };
      const state = decide(command, before).reduce(evolve, before);
      states.set(command.orderId, state.order);
      return state;
    } catch (error) {
      afterRefusal();
      throw error;
    }
  },
};

const shown = (placedAt: string): ShownOrder => ({
  orderId: randomUUID(),
  customerId: 'c-1',
  status: 'placed',
  stock: 'pending',
  payment: 'pending',
  settled: false,
  version: 1,
  lines: [{ sku: 'TEA', quantity: 2, unitPriceMinor: 450 }],
  totalMinor: 900,
  currency: 'EUR',
  placedAt: new Date(placedAt),
  updatedAt: new Date(placedAt),
  traceId: 'a'.repeat(32),
});
const orders = [shown('2026-11-01T12:00:02.000Z'), shown('2026-11-01T12:00:01.000Z')];
let lastFilter: OrderFilter | undefined;

const reader: OrderReader = {
  find: async (orderId) => {
    const order = orders.find((known) => known.orderId === orderId);
    return order && { order, readFrom: 'view' };
  },
  list: async (filter, count) => {
    lastFilter = filter;
    return orders.slice(0, count);
  },
  history: async () => [],
  originOf: async (orderId) => (states.has(orderId) ? { correlationId: 'r-1', traceparent: '' } : undefined),
};

@Module({
  controllers: [OrderCommandsController, OrderReadsController],
  providers: [
    { provide: Commands, useValue: commands },
    { provide: OrderReader, useValue: reader },
  ],
})
class TestModule {}

const good = {
  customerId: 'c-1',
  email: 'ada@example.com',
  lines: [{ sku: 'TEA', quantity: 2 }],
  paymentToken: 'tok_visa',
};

let app: NestFastifyApplication;
const post = (url: string, payload?: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url, headers, ...(payload && { payload }) });
const get = (url: string) => app.inject({ method: 'GET', url });

beforeAll(async () => {
  Logger.overrideLogger(false);
  app = await createHttpApp(TestModule, { service: 'orders' });
  await app.init();
});
afterAll(() => app.close());
beforeEach(() => states.clear());

describe('POST /orders', () => {
  it('answers 202 with the order and its location', async () => {
    const response = await post('/orders', good);
    const { orderId, ...rest } = response.json<{ orderId: string }>();
    expect(response.statusCode).toBe(202);
    expect(rest).toEqual({ status: 'placed', version: 1, totalMinor: 900, currency: 'EUR' });
    expect(response.headers['location']).toBe(`/orders/${orderId}`);
  });

  // proves: orders: the same Idempotency-Key is the same order
  it('gives the same answer to the same key and body, also after the order is over', async () => {
    const first = await post('/orders', good, { 'idempotency-key': 'k 1' });
    const { orderId } = first.json<{ orderId: string }>();
    await post(`/orders/${orderId}/cancel`);
    const second = await post('/orders', { ...good, currency: 'EUR' }, { 'idempotency-key': 'k 1' });
    expect([second.statusCode, second.json()]).toEqual([202, first.json()]);
    expect(orderId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('refuses the same key with another body', async () => {
    await post('/orders', good, { 'idempotency-key': 'k 2' });
    const other = await post('/orders', { ...good, customerId: 'c-2' }, { 'idempotency-key': 'k 2' });
    expect([other.statusCode, other.json<{ type: string }>().type]).toEqual([
      422,
      'urn:orderflow:problem:idempotency-key-reused',
    ]);
  });

  it.each(['x'.repeat(256), 'schlüssel', ''])('refuses the key %p', async (key) => {
    expect((await post('/orders', good, { 'idempotency-key': key })).statusCode).toBe(400);
  });

  it('names the line whose SKU is unknown or sold in another currency', async () => {
    const unknown = await post('/orders', { ...good, lines: [...good.lines, { sku: 'NONE', quantity: 1 }] });
    expect(unknown.statusCode).toBe(422);
    expect(unknown.json()).toMatchObject({
      type: 'urn:orderflow:problem:unknown-sku',
      errors: [{ field: 'lines[1].sku' }],
    });
    const foreign = await post('/orders', { ...good, currency: 'USD' });
    expect(foreign.json()).toMatchObject({
      status: 422,
      type: 'urn:orderflow:problem:currency-mismatch',
      errors: [{ field: 'lines[0].sku' }],
    });
  });

  it('waits for the ProductChanged of a product that was defined a moment ago', async () => {
    afterRefusal = () => void prices.set('NEW', { priceMinor: 100, currency: 'EUR', sequence: 1 });
    const { statusCode } = await post('/orders', { ...good, lines: [{ sku: 'NEW', quantity: 1 }] });
    expect(statusCode).toBe(202);
  });

  const line = good.lines[0]!;
  it.each<[string, object]>([
    ['customerId', { customerId: '' }],
    ['customerId', { customerId: 'a b' }],
    ['customerId', { customerId: 'x'.repeat(65) }],
    ['email', { email: 'ada' }],
    ['email', { email: 'ada@example.com\r\nBcc: all@example.com' }],
    ['email', { email: `ada@${'x'.repeat(60)}.${'y'.repeat(190)}.com` }],
    ['currency', { currency: 'euro' }],
    ['lines', { lines: [] }],
    ['lines', { lines: Array.from({ length: 101 }, (_, index) => ({ sku: `S${index}`, quantity: 1 })) }],
    ['lines[1].sku', { lines: [line, line] }],
    ['lines[0].sku', { lines: [{ ...line, sku: 'a/b' }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 0 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 1.5 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: 10_001 }] }],
    ['lines[0].quantity', { lines: [{ ...line, quantity: '1' }] }],
    ['lines[0].priceMinor', { lines: [{ ...line, priceMinor: 1 }] }],
    ['paymentToken', { paymentToken: 'tok-visa' }],
    ['totalMinor', { totalMinor: 1 }],
  ])('names the invalid field %s of %o', async (field, change) => {
    const response = await post('/orders', { ...good, ...change });
    expect(response.statusCode).toBe(400);
    expect(response.json<{ errors: { field: string }[] }>().errors.map((error) => error.field)).toContain(field);
  });
});

describe('POST /orders/{id}/cancel', () => {
  it('cancels an order once, then answers 409', async () => {
    const { orderId } = (await post('/orders', good)).json<{ orderId: string }>();
    const first = await post(`/orders/${orderId}/cancel`);
    expect([first.statusCode, first.json()]).toEqual([202, { orderId, status: 'cancelled', version: 2 }]);
    expect((await post(`/orders/${orderId}/cancel`)).statusCode).toBe(409);
  });

  it('answers 404 for an order that was never placed', async () => {
    expect((await post(`/orders/${randomUUID()}/cancel`)).statusCode).toBe(404);
    expect((await post('/orders/1/cancel')).statusCode).toBe(400);
  });
});

describe('GET /orders', () => {
  it('names the side that it read from', async () => {
    const response = await get(`/orders/${orders[0]!.orderId}?minVersion=1`);
    expect([response.statusCode, response.headers['x-read-from']]).toEqual([200, 'view']);
    expect(response.json()).toMatchObject({ version: 1, placedAt: '2026-11-01T12:00:02.000Z' });
  });

  it('continues after the previous page, with the same filters', async () => {
    const { next } = (await get('/orders?limit=1')).json<{ next: string }>();
    await get(`/orders?limit=1&after=${next}&status=placed&customerId=c-1&settled=false`);
    const { orderId, placedAt } = orders[0]!;
    expect(lastFilter).toEqual({ status: 'placed', customerId: 'c-1', settled: false, after: { orderId, placedAt } });
  });

  it.each(['status=gone', 'settled=1', 'after=abc', 'limit=0', 'customerId=a%20b', 'sort=asc'])(
    'refuses ?%s',
    async (query) => {
      expect((await get(`/orders?${query}`)).statusCode).toBe(400);
    },
  );

  it('answers 404 for an order that neither side has', async () => {
    expect((await get(`/orders/${randomUUID()}`)).statusCode).toBe(404);
    expect((await get(`/orders/${randomUUID()}/events`)).statusCode).toBe(404);
    expect((await get(`/orders/${randomUUID()}?minVersion=-1`)).statusCode).toBe(400);
  });

  it('is described as OpenAPI', async () => {
    const document = (await get('/docs-json')).json<{ paths: object }>();
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/orders', '/orders/{orderId}', '/orders/{orderId}/events', '/orders/{orderId}/cancel']),
    );
  });
});
