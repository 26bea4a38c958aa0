import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { InventoryRepository } from '../src/adapters/inventory-repository.js';
import { ProductEvents } from '../src/adapters/product-events.js';
import { ReservationEvents } from '../src/adapters/reservation-events.js';
import { effects } from '../src/saga.js';
import { commit, define, InventoryDatabase, one, orderIds, receive, reserve } from './inventory-database.js';

/** Is told which events are published, as by libs/durable. */
class OfPublished extends InventoryRepository {
  override save(...[sql, loaded, recorded]: Parameters<InventoryRepository['save']>): Promise<void> {
    const published = ({ event, state }: (typeof recorded)[number]) =>
      effects(event, state).find((effect) => 'publish' in effect);
    return super.save(
      sql,
      loaded,
      recorded.map((one) => ({ ...one, published: published(one) })),
    );
  }
}

const inventory = new InventoryDatabase(new OfPublished());

describe('the published events of the inventory', () => {
  it('keeps what it publishes about an order, with the lines that the row holds once', async () => {
    const sku = await inventory.product(10);
    const lines = [{ sku, quantity: 2 }];
    const [committed, rejected] = orderIds(2) as [string, string];
    await inventory.handle([reserve(committed, ...lines), commit(committed), reserve(rejected, { sku, quantity: 9 })]);
    const keptOf = async (orderId: string) =>
      (await inventory.transaction((sql) => new ReservationEvents().page(sql, undefined, 100_000))).find(
        ({ subject }) => subject === orderId,
      );
    const short = [{ sku, quantity: 1 }];
    const both = {
      unkept: 0,
      events: [
        { type: 'StockReserved', data: { lines }, sequence: 1 },
        { type: 'StockCommitted', data: { lines }, sequence: 2 },
      ],
    };
    expect(await keptOf(committed)).toMatchObject(both);
    expect((await keptOf(rejected))!.events).toMatchObject([{ data: { reason: 'out_of_stock', short } }]);
    const stored = 'SELECT events::text FROM reservations WHERE order_id = $1';
    expect(JSON.stringify(await inventory.database.query(stored, [committed]))).not.toContain(sku);
    // As earlier versions kept them.
    const { events } = (await keptOf(committed))!;
    await inventory.database.query(`UPDATE reservations SET events = $2 WHERE order_id = $1`, [
      committed,
      JSON.stringify(events),
    ]);
    expect(await keptOf(committed)).toMatchObject(both);
  });

  it('keeps the newest event of a product apart from its stock, also where the version before has kept a newer one', async () => {
    const sku = randomUUID();
    const keptOf = async () =>
      (await inventory.transaction((sql) => new ProductEvents().page(sql, undefined, 100_000))).find(
        ({ subject }) => subject === sku,
      );
    await inventory.handle([define(sku), define(sku, 'Green tea'), receive(sku, 1)]);
    await inventory.handle([reserve(randomUUID(), one(sku))]);
    const newest = { type: 'ProductChanged', sequence: 2, data: { name: 'Green tea' } };
    expect(await keptOf()).toMatchObject({ unkept: 0, events: [newest] });
    expect(await inventory.database.query('SELECT events FROM stock WHERE sku = $1', [sku])).toEqual([{ events: [] }]);
    const newer = { ...newest, sequence: 3 };
    const before = 'UPDATE stock SET sequence = 3, events = $2 WHERE sku = $1';
    await inventory.database.query(before, [sku, JSON.stringify([newer])]);
    expect(await keptOf()).toMatchObject({ unkept: 0, events: [newer] });
    await inventory.handle([define(sku)]);
    expect(await keptOf()).toMatchObject({ unkept: 0, events: [{ sequence: 4, data: { name: 'Tea' } }] });
  });
});
