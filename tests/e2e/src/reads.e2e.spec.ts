import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call, demand, every } from './support/http.js';
import { fresh, type Urls } from './support/shop.js';
import type { Order } from './support/shop-answers.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => world?.close());

describe('a read that carries the version of a write', () => {
  it('sees that write, each time, however far behind the view is', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 100 });
    for (let turn = 0; turn < 20; turn += 1) {
      const { body: placed } = await shop.tryToPlace({ lines: [{ sku, quantity: 1 }], token: 'tok_slow' });
      const url = `${shop.urls.orders}/orders/${placed.orderId}`;
      const read = await call<Order>(`${url}?minVersion=${placed.version}`);
      expect(read).toMatchObject({ status: 200, body: { orderId: placed.orderId, status: 'placed' } });
      expect(['view', 'write-side']).toContain(read.headers.get('x-read-from'));
      const cancelled = await shop.cancel(placed.orderId);
      const after = await demand<Order>(`${url}?minVersion=${String(cancelled.body['version'])}`);
      expect(after).toMatchObject({ status: 'cancelled', cancelReason: 'customer_request' });
    }
  });
});

describe('a list of orders', () => {
  it('pages by cursor, the newest first, each order once, while new ones come in', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 100 });
    const customerId = fresh('customer');
    const place = async () => shop.place({ customerId, lines: [{ sku, quantity: 1 }] });
    const placed: string[] = [];
    for (let index = 0; index < 7; index += 1) placed.push(await place());
    await shop.allSettled(customerId, 7);

    const seen: string[] = [];
    let after = '';
    for (;;) {
      const url = `${shop.urls.orders}/orders?customerId=${customerId}&limit=3${after}`;
      const { items, next } = await demand<{ items: Order[]; next: string | null }>(url);
      seen.push(...items.map(({ orderId }) => orderId));
      if (next === null) break;
      after = `&after=${encodeURIComponent(next)}`;
      await shop.settled(await place());
    }
    expect(seen).toEqual(placed.toReversed());
  });

  it('is filtered by status and by whether they are settled', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 1 });
    const customerId = fresh('customer');
    const good = await shop.place({ customerId, lines: [{ sku, quantity: 1 }] });
    await shop.settled(good);
    const bad = await shop.place({ customerId, lines: [{ sku, quantity: 1 }] });
    await shop.settled(bad);
    const idsOf = async (filter: string) =>
      (await every<Order>(`${shop.urls.orders}/orders?customerId=${customerId}&${filter}`)).map(
        ({ orderId }) => orderId,
      );
    expect(await idsOf('status=confirmed')).toEqual([good]);
    expect(await idsOf('status=cancelled')).toEqual([bad]);
    expect(await idsOf('settled=true')).toEqual([bad, good]);
    expect(await idsOf('settled=false')).toEqual([]);
  });
});

describe('the audit trail of an order', () => {
  it('tells every event in order, without address and payment token', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 1 });
    const orderId = await shop.place({ lines: [{ sku, quantity: 1 }] });
    await shop.settled(orderId);
    const { items } = await demand<{ items: { type: string; version: number }[] }>(
      `${shop.urls.orders}/orders/${orderId}/events`,
    );
    expect(items.map(({ type, version }) => `${version} ${type}`)).toEqual(['1 OrderPlaced', '2 OrderConfirmed']);
    expect(JSON.stringify(items)).not.toMatch(/example\.com|tok_visa/);
  });
});

describe('a delivery', () => {
  it('that is told twice counts once', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 0 });
    const deliveryId = crypto.randomUUID();
    await Promise.all(Array.from({ length: 5 }, async () => shop.deliver(sku, 4, deliveryId)));
    expect(await shop.product(sku)).toMatchObject({ onHand: 4, available: 4 });
  });
});

describe('the API documentation', () => {
  const everywhere = ['GET /health/live', 'GET /health/ready'];
  const routes: Readonly<Record<Exclude<keyof Urls, 'sandbox'>, readonly string[]>> = {
    orders: [
      'POST /orders',
      'GET /orders',
      'GET /orders/{orderId}',
      'GET /orders/{orderId}/events',
      'POST /orders/{orderId}/cancel',
    ],
    inventory: ['GET /products', 'GET /products/{sku}', 'PUT /products/{sku}', 'POST /products/{sku}/deliveries'],
    payments: ['GET /payments/{orderId}'],
    notifications: ['GET /notifications'],
  };

  it.each(Object.keys(routes) as (keyof typeof routes)[])('of %s lists all its routes', async (name) => {
    const url = world.shop.urls[name];
    const { paths } = await demand<{ paths: Record<string, object> }>(`${url}/docs-json`);
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed).toEqual(expect.arrayContaining([...routes[name], ...everywhere]));
    expect((await call<string>(`${url}/docs`)).status).toBe(200);
    expect((await call(`${url}/health/live`)).status).toBe(200);
    expect((await call(`${url}/health/ready`)).status).toBe(200);
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
