import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { define, InventoryDatabase, one, orderIds, receive, release, reserve } from './inventory-database.js';

const inventory = new InventoryDatabase();

const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

describe('two instances at once', () => {
  // proves: inventory: the rows of the stock are locked
  it('sell the last unit once', async () => {
    for (const sku of await inventory.products(50, 1)) {
      const order = () => [reserve(randomUUID(), one(sku))];
      const states = await Promise.all([inventory.handle(order()), inventory.handleByOther(order())]);
      expect(states.map(([state]) => state!.reservation.status).toSorted()).toEqual(['rejected', 'reserved']);
      expect(await inventory.figuresOf(sku)).toEqual({ onHand: 1, reserved: 1, committed: 0 });
    }
  });

  it('do not deadlock when their batches share products in different order', async () => {
    const skus = await inventory.products(300, 1_000);
    const ordersOf = (wanted: readonly string[]) => wanted.map((sku) => reserve(randomUUID(), one(sku)));
    for (let round = 0; round < 20; round += 1)
      await Promise.all([inventory.handle(ordersOf(skus)), inventory.handleByOther(ordersOf(skus.toReversed()))]);
    for (const sku of skus)
      expect(await inventory.figuresOf(sku)).toEqual({ onHand: 1_000, reserved: 40, committed: 0 });
  });

  it('do not deadlock when their batches share orders in different order', async () => {
    const sku = await inventory.product(10_000);
    for (let round = 0; round < 20; round += 1) {
      const ids = orderIds(50);
      await Promise.all([
        inventory.handle(ids.map((id) => reserve(id, one(sku)))),
        inventory.handleByOther(ids.toReversed().map(release)),
      ]);
    }
    expect(await inventory.figuresOf(sku)).toEqual({ onHand: 10_000, reserved: 0, committed: 0 });
  });

  it('lose neither an order nor its cancellation', async () => {
    const sku = await inventory.product(100);
    for (const orderId of orderIds(100)) {
      await Promise.all([inventory.handle([reserve(orderId, one(sku))]), inventory.handleByOther([release(orderId)])]);
      expect(['released', 'rejected']).toContain((await inventory.reservationOf(orderId)).status);
    }
    expect(await inventory.figuresOf(sku)).toEqual({ onHand: 100, reserved: 0, committed: 0 });
  });

  it('count both definitions of a product that is new', async () => {
    for (const sku of orderIds(30)) {
      await Promise.all([inventory.handle([define(sku, 'one')]), inventory.handleByOther([define(sku, 'two')])]);
      expect(await inventory.reader.find(sku)).toMatchObject({ sequence: 2 });
    }
  });

  it('book a delivery once: the late one fails, and finds it when it retries', async () => {
    const sku = await inventory.product(1);
    const delivery = receive(sku, 5, randomUUID());
    let late: Promise<unknown> = Promise.resolve();
    await inventory.handle([delivery], async () => {
      late = inventory.handleByOther([delivery]).catch((error: unknown) => error);
      // When it waits for the product, it has read the deliveries already.
      await eventually(async () => (await inventory.database.query(WAITING)).length > 0);
    });
    expect(await late).toMatchObject({ code: '23505' });
    await inventory.handleByOther([delivery]);
    expect(await inventory.figuresOf(sku)).toEqual({ onHand: 6, reserved: 0, committed: 0 });
  });
});
