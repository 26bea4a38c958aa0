import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({
    env: { orders: { ORDER_DEADLINE_SECONDS: '4' }, payments: { CALL_MAX_BACKOFF_MS: '1000' } },
  });
});
afterAll(async () => world?.close());

const several = async <T>(count: number, make: () => Promise<T>) => Promise.all(Array.from({ length: count }, make));

describe('a provider that cannot be reached for longer than the deadline', () => {
  it('keeps nobody waiting: orders time out, and what it charges when it is back goes back at once', async () => {
    const { shop, system } = world;
    const sku = await shop.sells({ units: 20 });
    const lines = [{ sku, quantity: 2 }];
    await system.service('sandbox').kill('SIGKILL');
    const good = await several(4, async () => shop.place({ lines }));
    const bad = await several(2, async () => shop.place({ lines, token: 'tok_declined' }));
    for (const orderId of [...good, ...bad]) {
      await eventually(async () =>
        expect(await shop.order(orderId)).toMatchObject({
          status: 'cancelled',
          cancelReason: 'timed_out',
          stock: 'released',
          // Whether it was charged nobody knows: not to be guessed.
          payment: 'pending',
          settled: false,
        }),
      );
    }
    expect(await shop.product(sku)).toMatchObject({ onHand: 20, reserved: 0, committed: 0 });

    await system.service('sandbox').start();
    for (const orderId of good) {
      expect(await shop.settled(orderId, 60_000)).toMatchObject({ status: 'cancelled', payment: 'refunded' });
      expect(await shop.charges(orderId)).toMatchObject([{ status: 'captured', refundedMinor: 3_000 }]);
    }
    for (const orderId of bad) {
      expect(await shop.settled(orderId, 60_000)).toMatchObject({ status: 'cancelled', payment: 'declined' });
      expect(await shop.charges(orderId)).toMatchObject([{ status: 'declined', refundedMinor: 0 }]);
    }
  }, 120_000);
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
