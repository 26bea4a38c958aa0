import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { bounds } from '@orderflow/contracts';
import { type Answer, completeOrder, type HttpRequest, request } from '@orderflow/client';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

// The rules of each field are tested beside the controllers and in libs/http; here each kind of rejection once, as it is deployed.
const system = new TestSystem();
let sku: string;

beforeAll(async () => {
  sku = await system.client.newProduct({ units: 10 });
});

/** The response is a problem with this status that names exactly these fields and nothing of the inside. */
function expectProblem(answer: Answer, status: number, fields: readonly string[] = []): void {
  expect(answer).toMatchObject({ status, type: expect.stringContaining('application/problem+json') });
  expect(answer.body).toMatchObject({
    status,
    type: expect.stringMatching(/^urn:orderflow:problem:/),
    title: expect.any(String),
    detail: expect.any(String),
  });
  const errors = (answer.body['errors'] ?? []) as { field: string }[];
  expect(errors.map(({ field }) => field).toSorted()).toEqual(fields);
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.[jt]s:\d|SELECT|INSERT|127\.0\.0\.1/);
}

describe('POST /orders rejects', () => {
  const order = (change: object = {}) => ({ ...completeOrder({ lines: [{ sku, quantity: 1 }] }), ...change });
  const several = () => order({ email: 'me', currency: 'eur', lines: [{ sku, quantity: -1 }] });

  it.each<[what: string, status: number, fields: readonly string[], sent: () => HttpRequest]>([
    ['malformed JSON', 400, [], () => ({ raw: '{"customerId": ' })],
    ['a missing field', 400, ['email'], () => ({ json: order({ email: undefined }) })],
    ['every invalid field at once', 400, ['currency', 'email', 'lines[0].quantity'], () => ({ json: several() })],
    ['a withdrawn currency', 400, ['currency'], () => ({ json: order({ currency: 'DEM' }) })],
    ['a currency without a minor unit', 400, ['currency'], () => ({ json: order({ currency: 'XAU' }) })],
    ['an unknown SKU', 422, ['lines[0].sku'], () => ({ json: order({ lines: [{ sku: fresh('no'), quantity: 1 }] }) })],
    ['a body above 512 KiB', 413, [], () => ({ json: order({ note: 'x'.repeat(bounds.bodyBytes) }) })],
    ['another content type', 415, [], () => ({ raw: 'customerId=1', headers: { 'content-type': 'text/plain' } })],
    [
      'an Idempotency-Key that is too long',
      400,
      ['Idempotency-Key'],
      () => ({ json: order(), headers: { 'idempotency-key': 'k'.repeat(256) } }),
    ],
  ])('%s with %d, and stores nothing', async (_what, status, fields, sent) => {
    const before = await system.client.orders({});
    expectProblem(await request(`${system.client.urls.orders}/orders`, sent()), status, fields);
    expect(await system.client.orders({})).toEqual(before);
  });
});

describe('each service rejects', () => {
  it.each([
    ['a malformed order id', 400, ['orderId'], 'orders', (): string => '/orders/42'],
    ['an unknown order', 404, [], 'orders', (): string => `/orders/${randomUUID()}`],
    ['an unknown path', 404, [], 'orders', (): string => '/nowhere'],
    ['an unknown product', 404, [], 'inventory', (): string => `/products/${fresh('sku')}`],
    ['an unknown payment', 404, [], 'payments', (): string => `/payments/${randomUUID()}`],
    ['mails of an order without a UUID', 400, ['orderId'], 'notifications', (): string => '/notifications?orderId=42'],
  ] as const)('%s with %d', async (_what, status, fields, service, path) => {
    expectProblem(await request(system.client.urls[service] + path()), status, fields);
  });

  it('a product without a name or in no currency, and a delivery without an id, and changes nothing', async () => {
    const url = `${system.client.urls.inventory}/products/${sku}`;
    const product = await system.client.product(sku);
    expectProblem(await request(url, { method: 'PUT', json: { priceMinor: 1, currency: 'EUR' } }), 400, ['name']);
    for (const currency of ['DEM', 'XTS']) {
      const json = { name: 'Tea', priceMinor: 1, currency };
      expectProblem(await request(url, { method: 'PUT', json }), 400, ['currency']);
    }
    expectProblem(await request(`${url}/deliveries`, { json: { quantity: 1 } }), 400, ['deliveryId']);
    expect(await system.client.product(sku)).toEqual(product);
  });
});

auditPasses(system);
