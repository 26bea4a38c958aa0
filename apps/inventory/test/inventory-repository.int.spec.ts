import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { commit, InventoryDatabase, one, orderIds, release, reserve } from './inventory-database.js';

const inventory = new InventoryDatabase();

describe('the inventory in Postgres', () => {
  it('loads every state as it was saved', async () => {
    const sku = await inventory.product(10);
    const lines = [{ sku, quantity: 2 }];
    const ids = orderIds(6) as [string, string, string, string, string, string];
    const [reserved, committed, released, rejected, forbidden, none] = ids;
    await inventory.handle([
      ...[reserved, committed, released].map((id) => reserve(id, ...lines)),
      reserve(rejected, { sku, quantity: 5 }),
      commit(committed),
      release(released),
      release(forbidden),
    ]);
    expect(await Promise.all(ids.map((id) => inventory.reservationOf(id)))).toEqual([
      { orderId: reserved, status: 'reserved', sequence: 1, lines },
      { orderId: committed, status: 'committed', sequence: 2, lines },
      { orderId: released, status: 'released', sequence: 2, lines },
      { orderId: rejected, status: 'rejected', sequence: 1 },
      { orderId: forbidden, status: 'forbidden', sequence: 0 },
      { orderId: none, status: 'none', sequence: 0 },
    ]);
    expect(await inventory.reader.find(sku)).toEqual({
      sku,
      name: 'Tea',
      priceMinor: 450,
      currency: 'EUR',
      onHand: 8,
      reserved: 2,
      committed: 2,
      sequence: 1,
    });
  });

  it('finds the products of an order by its reservation', async () => {
    const sku = await inventory.product(3);
    const kept = randomUUID();
    const cancelled = randomUUID();
    await inventory.handle([reserve(kept, one(sku)), reserve(cancelled, one(sku))]);
    await inventory.handle([commit(kept), release(cancelled)]);
    expect(await inventory.figuresOf(sku)).toEqual({ onHand: 2, reserved: 0, committed: 1 });
  });

  it('rejects figures that break the rules of the stock', async () => {
    const sku = await inventory.product(1);
    for (const wrong of ['reserved = 2', 'reserved = -1', 'on_hand = -1', 'committed = -1'])
      await expect(inventory.database.query(`UPDATE stock SET ${wrong} WHERE sku = $1`, [sku])).rejects.toMatchObject({
        code: '23514',
      });
  });

  it('refuses an order id that is no UUID', async () => {
    await expect(inventory.handle([release('not-a-uuid')])).rejects.toMatchObject({ code: '22P02' });
  });
});
