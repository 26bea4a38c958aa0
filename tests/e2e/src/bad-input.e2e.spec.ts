import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Answer, call, every } from './support/http.js';
import { badOrders } from './support/bad-orders.js';
import { fresh, orderBody } from './support/shop.js';
import type { Order } from './support/shop-answers.js';
import { World } from './support/world.js';

let world: World;
let sku: string;

beforeAll(async () => {
  world = await World.open();
  sku = await world.shop.sells({ units: 10 });
});
afterAll(async () => world?.close());

function expectProblem(answer: Answer, status: number): void {
  expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json') });
  expect(answer.body).toMatchObject({ status, type: expect.stringMatching(/^urn:orderflow:problem:/) });
  for (const member of ['title', 'detail']) expect(answer.body[member]).toEqual(expect.any(String));
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.[jt]s:\d|SELECT|INSERT|127\.0\.0\.1/);
}

/** The fields that a problem names. */
const fieldsOf = ({ body }: Answer): string[] =>
  ((body['errors'] ?? []) as { field: string }[]).map(({ field }) => field);

const orderCount = async (): Promise<number> => (await every<Order>(`${world.shop.urls.orders}/orders`)).length;

describe('POST /orders refuses', () => {
  it.each(badOrders)('$what with $status, and stores nothing', async ({ status, field, body, headers = {} }) => {
    const before = await orderCount();
    const answer = await call(`${world.shop.urls.orders}/orders`, { method: 'POST', raw: body(sku), headers });
    expectProblem(answer, status);
    expect(fieldsOf(answer)).toEqual(field === undefined ? [] : [field]);
    expect(await orderCount()).toBe(before);
  });

  it('names all fields that are wrong at once', async () => {
    const json = { ...orderBody({ lines: [{ sku, quantity: 0 }] }), email: 'me' };
    const answer = await call(`${world.shop.urls.orders}/orders`, { json });
    expect(fieldsOf(answer).toSorted()).toEqual(['email', 'lines[0].quantity']);
  });
});

describe('reading refuses', () => {
  it.each([
    ['GET', 'a UUID that is none', 400, (): string => '/orders/42'],
    ['GET', 'an order that is not there', 404, (): string => `/orders/${randomUUID()}`],
    ['GET', 'the events of an order that is not there', 404, (): string => `/orders/${randomUUID()}/events`],
    ['POST', 'to cancel a UUID that is none', 400, (): string => '/orders/42/cancel'],
    ['POST', 'to cancel an order that is not there', 404, (): string => `/orders/${randomUUID()}/cancel`],
    ['GET', 'a limit of 0', 400, (): string => '/orders?limit=0'],
    ['GET', 'a limit above 100', 400, (): string => '/orders?limit=101'],
    ['GET', 'a cursor that nobody gave out', 400, (): string => '/orders?after=somewhere'],
    ['GET', 'a status that does not exist', 400, (): string => '/orders?status=eaten'],
    ['GET', 'an unknown filter', 400, (): string => '/orders?colour=red'],
    ['GET', 'a version that is none', 400, (): string => `/orders/${randomUUID()}?minVersion=-1`],
    ['GET', 'an address that leads nowhere', 404, (): string => '/nowhere'],
  ] as const)('%s %s with %d', async (method, _what, status, path) => {
    const answer = await call(`${world.shop.urls.orders}${path()}`, { method });
    expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json') });
    expectProblem(answer, status);
  });
});

describe('the other services refuse', () => {
  it.each([
    [
      'a price below zero',
      'PUT',
      (): string => `/products/${fresh('sku')}`,
      { name: 'x', priceMinor: -1, currency: 'EUR' },
      'priceMinor',
    ],
    [
      'a fractional price',
      'PUT',
      (): string => `/products/${fresh('sku')}`,
      { name: 'x', priceMinor: 1.5, currency: 'EUR' },
      'priceMinor',
    ],
    [
      'a product without a name',
      'PUT',
      (): string => `/products/${fresh('sku')}`,
      { priceMinor: 1, currency: 'EUR' },
      'name',
    ],
    [
      'a delivery of nothing',
      'POST',
      (): string => `/products/${sku}/deliveries`,
      { deliveryId: randomUUID(), quantity: 0 },
      'quantity',
    ],
    ['a delivery without an id', 'POST', (): string => `/products/${sku}/deliveries`, { quantity: 1 }, 'deliveryId'],
  ] as const)('%s', async (_what, method, path, json, field) => {
    const product = await world.shop.product(sku);
    const answer = await call(world.shop.urls.inventory + path(), { method, json });
    expectProblem(answer, 400);
    expect(fieldsOf(answer)).toEqual([field]);
    expect(await world.shop.product(sku)).toEqual(product);
  });

  it.each([
    ['a product that is not there', 404, 'inventory', (): string => `/products/${fresh('sku')}`],
    ['a payment without a UUID', 400, 'payments', (): string => '/payments/42'],
    ['a payment that is not there', 404, 'payments', (): string => `/payments/${randomUUID()}`],
    ['mails of an order without a UUID', 400, 'notifications', (): string => '/notifications?orderId=42'],
  ] as const)('%s with %d', async (_what, status, service, path) => {
    const answer = await call(world.shop.urls[service] + path());
    expect(answer.status).toBe(status);
    expectProblem(answer, status);
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
