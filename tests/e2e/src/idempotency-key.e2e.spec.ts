import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

describe('the same Idempotency-Key', () => {
  it('sent 20 times in parallel makes one order, and 20 equal responses', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 20 });
    const order = { lines: [{ sku, quantity: 1 }], customerId: fresh('customer') };
    const headers = { 'idempotency-key': randomUUID() };

    const answers = await Promise.all(Array.from({ length: 20 }, async () => client.tryToPlace(order, headers)));
    const [first] = answers;
    const { orderId } = first!.body;
    for (const { status, body, headers: received } of answers) {
      expect({ status, body }).toEqual({ status: 202, body: first!.body });
      expect(received.get('location')).toBe(`/orders/${orderId}`);
    }
    await client.settled(orderId);
    const orders = await client.orders({ customerId: order.customerId });
    expect(orders.map((it) => it.orderId)).toEqual([orderId]);
    expect(await client.charges(orderId)).toHaveLength(1);
    expect(await client.product(sku)).toMatchObject({ onHand: 19, committed: 1 });
  });

  it('of another customer makes another order', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 20 });
    const order = { lines: [{ sku, quantity: 1 }] };
    const headers = { 'idempotency-key': randomUUID() };
    const ada = await client.place({ ...order, customerId: fresh('ada') }, headers);
    const bob = await client.place({ ...order, customerId: fresh('bob') }, headers);
    expect(bob).not.toBe(ada);
    for (const orderId of [ada, bob]) expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed' });
  });

  it('with another body is rejected, also in parallel, and makes no second order', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 20 });
    const customerId = fresh('customer');
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(async (quantity) => client.tryToPlace({ lines: [{ sku, quantity }], customerId }, headers)),
    );
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['202', '422', '422', '422']);
    for (const rejected of answers.filter(({ status }) => status === 422)) {
      expect(rejected).toMatchObject({
        type: expect.stringContaining('application/problem+json'),
        body: { type: 'urn:orderflow:problem:idempotency-key-reused' },
      });
    }
    const winner = answers.find(({ status }) => status === 202)!.body.orderId;
    await client.settled(winner);
    const orders = await client.orders({ customerId });
    expect(orders.map(({ orderId }) => orderId)).toEqual([winner]);
  });
});

auditPasses(system);
