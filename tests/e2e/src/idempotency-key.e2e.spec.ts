import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { every } from './support/http.js';
import { fresh } from './support/shop.js';
import type { Order } from './support/shop-answers.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => world?.close());

describe('the same Idempotency-Key', () => {
  it('sent 20 times in parallel makes one order, and 20 equal answers', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 20 });
    const request = { lines: [{ sku, quantity: 1 }], customerId: fresh('customer') };
    const headers = { 'idempotency-key': randomUUID() };

    const answers = await Promise.all(Array.from({ length: 20 }, async () => shop.tryToPlace(request, headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    const [first] = answers;
    for (const answer of answers) {
      expect(answer.body).toEqual(first!.body);
      expect(answer.headers.get('location')).toBe(`/orders/${first!.body.orderId}`);
    }

    const { orderId } = first!.body;
    await shop.settled(orderId);
    const orders = await every<Order>(`${shop.urls.orders}/orders?customerId=${request.customerId}`);
    expect(orders.map((order) => order.orderId)).toEqual([orderId]);
    expect(await shop.charges(orderId)).toHaveLength(1);
    expect(await shop.product(sku)).toMatchObject({ onHand: 19, committed: 1 });
    // Long after it is over, the same request still gets the same answer.
    expect((await shop.tryToPlace(request, headers)).body).toEqual(first!.body);
  });

  it('with another body is refused, in parallel too, and only the first order is there', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 20 });
    const customerId = fresh('customer');
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(async (quantity) => shop.tryToPlace({ lines: [{ sku, quantity }], customerId }, headers)),
    );
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['202', '422', '422', '422']);
    for (const refused of answers.filter(({ status }) => status === 422)) {
      expect(refused).toMatchObject({
        type: expect.stringContaining('application/problem+json'),
        body: { type: 'urn:orderflow:problem:idempotency-key-reused' },
      });
    }
    const winner = answers.find(({ status }) => status === 202)!.body.orderId;
    await shop.settled(winner);
    const orders = await every<Order>(`${shop.urls.orders}/orders?customerId=${customerId}`);
    expect(orders.map(({ orderId }) => orderId)).toEqual([winner]);
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
