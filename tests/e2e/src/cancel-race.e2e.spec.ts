import { describe, expect, it } from '@jest/globals';
import { type Order } from '@orderflow/client';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '4' } } });

const ORDERS = 60;
const MOST_ROUNDS = 10;

/** What orders committed first. */
type Winner = 'cancel' | 'capture';

/** Cancels an order at the moment of its charge. @returns the winner, by the response to the customer */
async function race(customerId: string, sku: string, token: string): Promise<{ orderId: string; winner: Winner }> {
  const { client } = system;
  const orderId = await client.place({ customerId, lines: [{ sku, quantity: 1 }], paymentToken: token });
  await client.chargeOf(orderId);
  const { status } = await client.cancel(orderId);
  expect([202, 409]).toContain(status);
  return { orderId, winner: status === 202 ? 'cancel' : 'capture' };
}

const outcomeOf = ({ status, stock, payment, cancelReason }: Order) => [status, stock, payment, cancelReason];

const OUTCOMES = {
  cancel: ['cancelled', 'released', 'refunded', 'customer_request'],
  capture: ['confirmed', 'committed', 'captured', undefined],
};

describe('a cancellation at the moment of the capture', () => {
  it('wins or loses, and order, money and stock follow the response to the customer', async () => {
    const { client } = system;
    const seen = { cancel: 0, capture: 0 };
    for (let round = 0; round < MOST_ROUNDS && Math.min(seen.cancel, seen.capture) < 10; round++) {
      const customerId = fresh('customer');
      const sku = await client.newProduct({ units: ORDERS });
      const races = await Promise.all(
        // A late answer of the provider leaves the customer more time.
        Array.from({ length: ORDERS }, async (_, index) =>
          race(customerId, sku, index % 3 === 0 ? 'tok_slow' : 'tok_visa'),
        ),
      );
      const orders = new Map((await client.allSettled(customerId, ORDERS)).map((order) => [order.orderId, order]));
      expect(orders.size).toBe(ORDERS);
      for (const { orderId, winner } of races) {
        seen[winner] += 1;
        expect({ winner, outcome: outcomeOf(orders.get(orderId)!) }).toEqual({ winner, outcome: OUTCOMES[winner] });
      }
      const confirmed = races.filter(({ winner }) => winner === 'capture').length;
      expect(await client.product(sku)).toMatchObject({
        onHand: ORDERS - confirmed,
        reserved: 0,
        committed: confirmed,
      });
    }
    expect(seen.cancel).toBeGreaterThanOrEqual(10);
    expect(seen.capture).toBeGreaterThanOrEqual(10);
  }, 300_000);
});

auditPasses(system);
