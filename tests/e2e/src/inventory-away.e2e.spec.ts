import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { storyOf } from './support/story.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { sandbox: { SLOW_SECONDS: '2' } } });
});
afterAll(async () => world?.close());

const stockOf = async (sku: string) =>
  world.rowsOf('inventory', 'SELECT on_hand AS "onHand", reserved, committed FROM stock WHERE sku = $1', [sku]);

describe('while inventory is down', () => {
  it('an order is cancelled and its money goes back; its stock is released once inventory is up again', async () => {
    const { shop, system, tap } = world;
    const sku = await shop.sells({ units: 5 });
    const orderId = await shop.place({ lines: [{ sku, quantity: 2 }], token: 'tok_slow' });
    await shop.chargeOf(orderId);
    await system.service('inventory').kill('SIGKILL');
    expect(await shop.cancel(orderId)).toMatchObject({ status: 202 });

    await eventually(async () =>
      expect(await shop.order(orderId)).toMatchObject({
        status: 'cancelled',
        payment: 'refunded',
        stock: 'reserved',
        settled: false,
      }),
    );
    expect(await stockOf(sku)).toEqual([{ onHand: 5, reserved: 2, committed: 0 }]);

    await system.service('inventory').start();
    expect(await shop.settled(orderId)).toMatchObject({ status: 'cancelled', stock: 'released', payment: 'refunded' });
    expect(await stockOf(sku)).toEqual([{ onHand: 5, reserved: 0, committed: 0 }]);
    await storyOf(tap, orderId, [
      'OrderPlaced',
      'StockReserved',
      'OrderCancelled',
      'PaymentCaptured',
      'PaymentRefunded',
      'StockReleased',
      'NotificationSent',
      'NotificationSent',
    ]);
  }, 90_000);
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
