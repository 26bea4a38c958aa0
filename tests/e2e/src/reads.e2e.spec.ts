import { describe, expect, it } from '@jest/globals';
import { request, demand, eventually, type Order } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '4' } } });

describe('a read that carries the version of a write', () => {
  it('sees that write, however far behind the view is', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 100 });
    for (let turn = 0; turn < 20; turn += 1) {
      const { body: placed } = await client.tryToPlace({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_slow' });
      const url = `${client.urls.orders}/orders/${placed.orderId}`;
      const read = await request<Order>(`${url}?minVersion=${placed.version}`);
      expect(read).toMatchObject({ status: 200, body: { orderId: placed.orderId, status: 'placed' } });
      expect(['view', 'write-side']).toContain(read.headers.get('x-read-from'));
      const cancelled = await client.cancel(placed.orderId);
      const after = await demand<Order>(`${url}?minVersion=${String(cancelled.body['version'])}`);
      expect(after).toMatchObject({ status: 'cancelled', cancelReason: 'customer_request' });
    }
  });
});

describe('a read of the past', () => {
  it('sees an order as it was after each of its events, and as it is once all is older', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 100 });
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }] });
    const now = await client.settled(orderId);
    const url = `${client.urls.orders}/orders/${orderId}`;
    const { items } = await demand<{ items: { time: string; version: number; type: string }[] }>(`${url}/events`);
    expect(items.map(({ type }) => type)).toEqual(['OrderPlaced', 'OrderConfirmed']);
    const statuses = ['placed', 'confirmed'];
    for (const { time, version } of items) {
      const then = await demand<Record<string, unknown>>(`${url}?at=${time}`);
      expect(then).toMatchObject({ version, status: statuses[version - 1], updatedAt: time, asOf: { at: time } });
    }
    const { asOf, ...order } = await demand<Record<string, unknown>>(`${url}?at=${new Date().toISOString()}`);
    expect([order, asOf]).toEqual([now, expect.objectContaining({ complete: true })]);
    const before = await request(`${url}?at=${new Date(Date.parse(items[0]!.time) - 1).toISOString()}`);
    expect(before).toMatchObject({ status: 404, body: { existsSince: items[0]!.time } });
    expect(await request(`${url}?at=2999-01-01T00:00:00Z`)).toMatchObject({ status: 422 });
  });
});

describe('a list of orders', () => {
  it('pages by cursor, the newest first, each order once, while new ones come in', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 100 });
    const customerId = fresh('customer');
    const place = async () => client.place({ customerId, lines: [{ sku, quantity: 1 }] });
    const placed: string[] = [];
    for (let index = 0; index < 7; index += 1) placed.push(await place());
    await client.allSettled(customerId, 7);

    const seen: string[] = [];
    for (let after: string | null = ''; after !== null;) {
      const { items, next } = await client.ordersPage({ customerId, limit: '3', ...(after && { after }) });
      seen.push(...items.map(({ orderId }) => orderId));
      after = next;
      if (next !== null) await client.settled(await place());
    }
    expect(seen).toEqual(placed.toReversed());
    expect(await client.orders({ customerId, settled: 'true', status: 'confirmed' })).toHaveLength(9);
    expect(await client.orders({ customerId, settled: 'false' })).toEqual([]);
    expect(await client.orders({ customerId, status: 'cancelled' })).toEqual([]);
  });
});

describe('the API documentation and the health', () => {
  const everywhere = ['GET /health/live', 'GET /health/ready'];
  const routes: Readonly<Record<Service, readonly string[]>> = {
    orders: [
      'POST /orders',
      'GET /orders',
      'GET /orders/{orderId}',
      'GET /orders/{orderId}/events',
      'GET /orders/{orderId}/stream',
      'POST /orders/{orderId}/cancel',
    ],
    inventory: ['GET /products', 'GET /products/{sku}', 'PUT /products/{sku}', 'POST /products/{sku}/deliveries'],
    payments: ['GET /payments/{orderId}'],
    notifications: ['GET /notifications'],
  };

  it.each(Object.keys(routes) as (keyof typeof routes)[])('of %s lists all its routes', async (name) => {
    const url = system.client.urls[name];
    const { paths } = await demand<{ paths: Record<string, object> }>(`${url}/docs-json`);
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed).toEqual(expect.arrayContaining([...routes[name], ...everywhere]));
    expect((await request<string>(`${url}/docs`)).status).toBe(200);
  });

  it.each(services)('of %s are up: live, ready, and no record in the outbox', async (name) => {
    const { client } = system;
    expect(await client.health(name, 'live')).toBe(true);
    expect(await client.health(name, 'ready')).toBe(true);
    await eventually(async () => expect(await client.outbox(name)).toMatchObject({ pending: 0, rejected: 0 }));
  });
});

auditPasses(system);
