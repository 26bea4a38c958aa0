import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fresh } from './support/shop.js';
import type { Order } from './support/shop-answers.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { sandbox: { SLOW_SECONDS: '1' } } });
});
afterAll(async () => world?.close());

const ORDERS = 60;
const MOST_ROUNDS = 10;

/** Who was first at orders: the customer or the money. */
type Winner = 'cancel' | 'capture';

/** Cancels an order in the moment in which the provider charges it, and tells who won by what the customer was answered. */
async function race(customerId: string, sku: string, token: string): Promise<{ orderId: string; winner: Winner }> {
  const { shop } = world;
  const orderId = await shop.place({ customerId, lines: [{ sku, quantity: 1 }], token });
  await shop.chargeOf(orderId);
  const { status } = await shop.cancel(orderId);
  expect([202, 409]).toContain(status);
  return { orderId, winner: status === 202 ? 'cancel' : 'capture' };
}

const outcomeOf = ({ status, stock, payment, cancelReason }: Order) => [status, stock, payment, cancelReason];

const OUTCOMES = {
  cancel: ['cancelled', 'released', 'refunded', 'customer_request'],
  capture: ['confirmed', 'committed', 'captured', undefined],
};

describe('a customer who cancels in the moment of the capture', () => {
  it('wins or loses; what the answer said is what happens to the order, its money and its stock', async () => {
    const { shop } = world;
    const seen = { cancel: 0, capture: 0 };
    for (let round = 0; round < MOST_ROUNDS && Math.min(seen.cancel, seen.capture) < 10; round++) {
      const customerId = fresh('customer');
      const sku = await shop.sells({ units: ORDERS });
      const races = await Promise.all(
        // An answer that comes late leaves the customer more time.
        Array.from({ length: ORDERS }, async (_, index) =>
          race(customerId, sku, index % 3 === 0 ? 'tok_slow' : 'tok_visa'),
        ),
      );
      const orders = new Map((await shop.allSettled(customerId, ORDERS)).map((order) => [order.orderId, order]));
      for (const { orderId, winner } of races) {
        seen[winner] += 1;
        expect({ winner, outcome: outcomeOf(orders.get(orderId)!) }).toEqual({ winner, outcome: OUTCOMES[winner] });
      }
      const confirmed = races.filter(({ winner }) => winner === 'capture').length;
      expect(await shop.product(sku)).toMatchObject({ onHand: ORDERS - confirmed, reserved: 0, committed: confirmed });
    }
    expect(seen.cancel).toBeGreaterThanOrEqual(10);
    expect(seen.capture).toBeGreaterThanOrEqual(10);
  }, 240_000);
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
