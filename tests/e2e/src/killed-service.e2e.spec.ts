import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fresh } from './support/shop.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => world?.close());

const TOKENS = ['tok_visa', 'tok_visa', 'tok_declined', 'tok_flaky'] as const;
const ORDERS = 48;

describe('a service that is killed in the middle of a burst and started again', () => {
  it.each(['inventory', 'payments', 'orders', 'notifications'] as const)(
    'loses nothing and does nothing twice: %s',
    async (name) => {
      const { shop, system } = world;
      const customerId = fresh('customer');
      const sku = await shop.sells({ units: ORDERS });
      const place = async (index: number) =>
        shop.insist({ customerId, lines: [{ sku, quantity: 1 }], token: TOKENS[index % TOKENS.length]! });
      const half = ORDERS / 2;

      const first = Array.from({ length: half }, async (_, index) => place(index));
      // The first answers mean that the rest is under way.
      await Promise.any(first);
      await system.service(name).kill('SIGKILL');
      const second = Array.from({ length: half }, async (_, index) => place(half + index));
      await system.service(name).start();
      const ids = await Promise.all([...first, ...second]);
      const orders = await shop.allSettled(customerId, ORDERS, 90_000);

      expect(new Set(orders.map(({ orderId }) => orderId))).toEqual(new Set(ids));
      const confirmed = orders.filter(({ status }) => status === 'confirmed');
      const declined = orders.filter(({ cancelReason }) => cancelReason === 'payment_declined');
      expect([confirmed.length, declined.length]).toEqual([(ORDERS * 3) / 4, ORDERS / 4]);
      expect(await shop.product(sku)).toMatchObject({ onHand: ORDERS / 4, reserved: 0, committed: (ORDERS * 3) / 4 });
      for (const { orderId } of orders) {
        expect(await shop.charges(orderId)).toHaveLength(1);
        expect(await shop.mails(orderId)).toHaveLength(1);
      }
    },
    120_000,
  );
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
