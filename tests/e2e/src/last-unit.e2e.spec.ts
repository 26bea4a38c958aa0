import { describe, expect, it } from '@jest/globals';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

async function race(): Promise<{ outcomes: unknown[]; product: unknown }> {
  const { client } = system;
  const sku = await client.newProduct({ units: 1 });
  const lines = [{ sku, quantity: 1 }];
  const ids = await Promise.all([client.place({ lines }), client.place({ lines })]);
  const orders = await Promise.all(ids.map(async (orderId) => client.settled(orderId, 60_000)));
  const outcomes = orders.map(({ status, cancelReason = 'never' }) => `${status} ${cancelReason}`);
  return { outcomes: outcomes.toSorted(), product: await client.product(sku) };
}

describe('two concurrent orders of the last unit', () => {
  it('end with one confirmed and one out of stock, in each of 20 races', async () => {
    const races = await Promise.all(Array.from({ length: 20 }, async () => race()));
    for (const { outcomes, product } of races) {
      expect(outcomes).toEqual(['cancelled out_of_stock', 'confirmed never']);
      expect(product).toMatchObject({ onHand: 0, reserved: 0, available: 0, committed: 1 });
    }
  });
});

auditPasses(system);
