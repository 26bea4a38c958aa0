import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Answer, completeOrder, request } from '@orderflow/client';
import { badOrders } from './support/bad-orders.js';
import { fresh } from './support/test-client.js';
import { TestSystem } from './support/test-system.js';

let system: TestSystem;
let sku: string;

beforeAll(async () => {
  system = await TestSystem.open();
  sku = await system.client.newProduct({ units: 10 });
});
afterAll(async () => system?.close());

function expectProblem(answer: Answer, status: number): void {
  expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json') });
  expect(answer.body).toMatchObject({ status, type: expect.stringMatching(/^urn:orderflow:problem:/) });
  for (const member of ['title', 'detail']) expect(answer.body[member]).toEqual(expect.any(String));
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.[jt]s:\d|SELECT|INSERT|127\.0\.0\.1/);
}

/** The fields that a problem names. */
const fieldsOf = ({ body }: Answer): string[] =>
  ((body['errors'] ?? []) as { field: string }[]).map(({ field }) => field);

const orderCount = async (): Promise<number> => (await system.client.orders({})).length;

describe('POST /orders rejects', () => {
  it.each(badOrders)('$what with $status, and stores nothing', async ({ status, field, body, headers = {} }) => {
    const before = await orderCount();
    const answer = await request(`${system.client.urls.orders}/orders`, { method: 'POST', raw: body(sku), headers });
    expectProblem(answer, status);
    expect(fieldsOf(answer)).toEqual(field === undefined ? [] : [field]);
    expect(await orderCount()).toBe(before);
  });

  it('every invalid field in one response', async () => {
    const json = { ...completeOrder({ lines: [{ sku, quantity: 0 }] }), email: 'me' };
    const answer = await request(`${system.client.urls.orders}/orders`, { json });
    expect(fieldsOf(answer).toSorted()).toEqual(['email', 'lines[0].quantity']);
  });
});

describe('other requests to orders are rejected', () => {
  it.each([
    ['GET', 'a malformed order id', 400, (): string => '/orders/42'],
    ['GET', 'an unknown order', 404, (): string => `/orders/${randomUUID()}`],
    ['GET', 'the events of an unknown order', 404, (): string => `/orders/${randomUUID()}/events`],
    ['POST', 'the cancellation of a malformed order id', 400, (): string => '/orders/42/cancel'],
    ['POST', 'the cancellation of an unknown order', 404, (): string => `/orders/${randomUUID()}/cancel`],
    ['GET', 'a limit of 0', 400, (): string => '/orders?limit=0'],
    ['GET', 'a limit above 100', 400, (): string => '/orders?limit=101'],
    ['GET', 'a forged cursor', 400, (): string => '/orders?after=somewhere'],
    ['GET', 'an unknown status', 400, (): string => '/orders?status=eaten'],
    ['GET', 'an unknown filter', 400, (): string => '/orders?colour=red'],
    ['GET', 'an invalid version', 400, (): string => `/orders/${randomUUID()}?minVersion=-1`],
    ['GET', 'an unknown path', 404, (): string => '/nowhere'],
  ] as const)('%s of %s with %d', async (method, _what, status, path) => {
    const answer = await request(`${system.client.urls.orders}${path()}`, { method });
    expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json') });
    expectProblem(answer, status);
  });
});

describe('the other services reject', () => {
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
    const product = await system.client.product(sku);
    const answer = await request(system.client.urls.inventory + path(), { method, json });
    expectProblem(answer, 400);
    expect(fieldsOf(answer)).toEqual([field]);
    expect(await system.client.product(sku)).toEqual(product);
  });

  it.each([
    ['an unknown product', 404, 'inventory', (): string => `/products/${fresh('sku')}`],
    ['a payment without a UUID', 400, 'payments', (): string => '/payments/42'],
    ['an unknown payment', 404, 'payments', (): string => `/payments/${randomUUID()}`],
    ['mails of an order without a UUID', 400, 'notifications', (): string => '/notifications?orderId=42'],
  ] as const)('%s with %d', async (_what, status, service, path) => {
    const answer = await request(system.client.urls[service] + path());
    expect(answer.status).toBe(status);
    expectProblem(answer, status);
  });
});

it('the audit passes', async () => {
  expect(await system.audit()).toEqual({ violations: [], parked: [] });
});
