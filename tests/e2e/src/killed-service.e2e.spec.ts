import { describe, expect, it } from '@jest/globals';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

const TOKENS = ['tok_visa', 'tok_visa', 'tok_declined', 'tok_flaky'] as const;
const ORDERS = 48;

describe('a service that is killed in the middle of a burst and started again', () => {
  it.each(['inventory', 'payments', 'orders', 'notifications'] as const)(
    'loses nothing and does nothing twice: %s',
    async (name) => {
      const { client } = system;
      const customerId = fresh('customer');
      const sku = await client.newProduct({ units: ORDERS });
      const place = async (index: number) =>
        client.placeUntilAccepted({
          customerId,
          lines: [{ sku, quantity: 1 }],
          paymentToken: TOKENS[index % TOKENS.length]!,
        });
      const half = ORDERS / 2;

      const first = Array.from({ length: half }, async (_, index) => place(index));
      // After the first response the other requests are in progress.
      await Promise.any(first);
      await system.kill(name);
      const second = Array.from({ length: half }, async (_, index) => place(half + index));
      await system.start(name);
      const ids = await Promise.all([...first, ...second]);
      const orders = await client.allSettled(customerId, ORDERS, 90_000);

      expect(new Set(orders.map(({ orderId }) => orderId))).toEqual(new Set(ids));
      const confirmed = orders.filter(({ status }) => status === 'confirmed');
      const declined = orders.filter(({ cancelReason }) => cancelReason === 'payment_declined');
      expect([confirmed.length, declined.length]).toEqual([(ORDERS * 3) / 4, ORDERS / 4]);
      expect(await client.product(sku)).toMatchObject({ onHand: ORDERS / 4, reserved: 0, committed: (ORDERS * 3) / 4 });
      for (const { orderId } of orders) {
        expect(await client.charges(orderId)).toHaveLength(1);
        expect(await client.mails(orderId)).toHaveLength(1);
      }
    },
    120_000,
  );
});

auditPasses(system);
