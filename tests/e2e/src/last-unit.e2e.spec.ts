import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => world?.close());

async function race(): Promise<{ outcomes: unknown[]; product: unknown }> {
  const { shop } = world;
  const sku = await shop.sells({ units: 1 });
  const lines = [{ sku, quantity: 1 }];
  const ids = await Promise.all([shop.place({ lines }), shop.place({ lines })]);
  const orders = await Promise.all(ids.map(async (orderId) => shop.settled(orderId, 60_000)));
  const outcomes = orders.map(({ status, cancelReason = 'never' }) => `${status} ${cancelReason}`);
  return { outcomes: outcomes.toSorted(), product: await shop.product(sku) };
}

describe('two orders that race for the last unit', () => {
  it('end with one confirmed and one out of stock, in each of 20 races', async () => {
    const races = await Promise.all(Array.from({ length: 20 }, async () => race()));
    for (const { outcomes, product } of races) {
      expect(outcomes).toEqual(['cancelled out_of_stock', 'confirmed never']);
      expect(product).toMatchObject({ onHand: 0, reserved: 0, available: 0, committed: 1 });
    }
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
