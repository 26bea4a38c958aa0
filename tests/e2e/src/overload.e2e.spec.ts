import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const FREE_ORDERS = 20;
const env = { orders: { ORDER_DEADLINE_SECONDS: '60', INTAKE_PENDING_ORDERS: String(FREE_ORDERS) } };
const system = new TestSystem({ env });

describe('while more orders are pending than can be decided in time', () => {
  it('further ones are refused instead of timed out, and those that were accepted are confirmed', async () => {
    const { client } = system;
    const customerId = fresh('customer');
    const sku = await client.newProduct({ units: 1_000 });
    const order = { customerId, lines: [{ sku, quantity: 1 }] };
    const place = async (key: string) => client.tryToPlace(order, { 'idempotency-key': key });
    await client.settled(await client.place(order));
    await system.kill('inventory');
    const first = randomUUID();
    expect(await place(first)).toMatchObject({ status: 202 });
    await client.placeSeveral(FREE_ORDERS, order);

    const refused = await eventually(async () => {
      const answer = await place(randomUUID());
      expect(answer.status).toBe(503);
      return answer;
    }, 40_000);
    expect(refused.body).toMatchObject({ type: 'urn:orderflow:problem:backlog' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await place(first)).toMatchObject({ status: 202 });

    await system.start('inventory');
    await client.placeUntilAccepted(order);
    const orders = await client.allSettled(customerId, FREE_ORDERS + 3);
    expect(orders.filter(({ status }) => status !== 'confirmed')).toEqual([]);
  }, 300_000);
});

auditPasses(system);
