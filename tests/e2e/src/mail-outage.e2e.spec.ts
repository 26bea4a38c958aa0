import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => world?.close());

describe('while the mail server is down', () => {
  it('orders go on, and each mail is sent once when it is back', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 20 });
    await shop.faults({ mail: { outage: true } });
    const good = await Promise.all(
      Array.from({ length: 8 }, async () => shop.place({ lines: [{ sku, quantity: 1 }] })),
    );
    const bad = await Promise.all(
      Array.from({ length: 4 }, async () => shop.place({ lines: [{ sku, quantity: 1 }], token: 'tok_declined' })),
    );
    for (const orderId of good) {
      await eventually(async () =>
        expect(await shop.order(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' }),
      );
    }
    for (const orderId of bad) {
      await eventually(async () =>
        expect(await shop.order(orderId)).toMatchObject({ status: 'cancelled', stock: 'released' }),
      );
    }
    // Confirmed, delivered from stock, and yet not settled: the customer has not been told.
    for (const orderId of [...good, ...bad]) {
      expect(await shop.order(orderId)).toMatchObject({ settled: false });
      expect(await shop.mails(orderId)).toEqual([]);
      await eventually(async () => expect(await shop.notifications(orderId)).toMatchObject([{ status: 'requested' }]));
    }

    await shop.faults({ mail: {} });
    for (const orderId of good) {
      await shop.settled(orderId);
      expect(await shop.mails(orderId)).toMatchObject([{ template: 'order-confirmed', copies: 1 }]);
    }
    for (const orderId of bad) {
      await shop.settled(orderId);
      expect(await shop.mails(orderId)).toMatchObject([{ template: 'order-cancelled', copies: 1 }]);
    }
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
