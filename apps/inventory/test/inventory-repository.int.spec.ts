import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { Connection, Database, type Sql } from '@orderflow/durable';
import { handleBatch, TestDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { InventoryRepository } from '../src/adapters/inventory-repository.js';
import { PrismaProductReader } from '../src/adapters/prisma-product-reader.js';
import { ProductEvents } from '../src/adapters/product-events.js';
import { ReservationEvents } from '../src/adapters/reservation-events.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { Inventory, InventoryCommand, Line, Reservation, Stock } from '../src/domain/inventory.js';
import { effects } from '../src/saga.js';

const own = new TestDatabase('inventory');
let database: Database;
let instances: [Connection, Connection];
let reader: PrismaProductReader;

beforeAll(() => {
  database = own.ending(new Database(own.url, 'inventory test'));
  // One scans by index, the other in table order: only ORDER BY makes both lock in the same order.
  instances = [
    own.ending(new Connection(own.url, 'one', { enable_seqscan: 'off', enable_bitmapscan: 'off' })),
    own.ending(new Connection(own.url, 'two', { enable_indexscan: 'off', enable_bitmapscan: 'off' })),
  ];
  reader = new PrismaProductReader(own.url);
  own.beforeDrop(() => reader.onApplicationShutdown());
});

const repository = new InventoryRepository();
const handleIn = (sql: Sql, commands: readonly InventoryCommand[], beforeSave?: () => Promise<unknown>) =>
  handleBatch(sql, { decide, evolve }, repository, commands, beforeSave);
const handle = async (
  instance: Connection,
  commands: readonly InventoryCommand[],
  beforeSave?: () => Promise<unknown>,
): Promise<Inventory[]> => (await instance.transaction((sql) => handleIn(sql, commands, beforeSave))).states;

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
const publish = (commands: readonly InventoryCommand[]) =>
  instances[0].transaction((sql) => handleBatch(sql, { decide, evolve }, new OfPublished(), commands));

const define = (sku: string, name = 'Tea'): InventoryCommand => ({
  type: 'DefineProduct',
  sku,
  name,
  priceMinor: 450,
  currency: 'EUR',
});
const receive = (sku: string, quantity: number, deliveryId: string = randomUUID()): InventoryCommand => ({
  type: 'ReceiveDelivery',
  deliveryId,
  sku,
  quantity,
});
const reserve = (orderId: string, ...lines: Line[]): InventoryCommand => ({ type: 'ReserveStock', orderId, lines });
const commit = (orderId: string): InventoryCommand => ({ type: 'CommitStock', orderId });
const release = (orderId: string): InventoryCommand => ({ type: 'ReleaseStock', orderId });

const orderIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
const one = (sku: string): Line => ({ sku, quantity: 1 });

/** Defines products, each with `onHand` in stock. */
async function products(count: number, onHand: number): Promise<string[]> {
  const skus = orderIds(count);
  await handle(
    instances[0],
    skus.flatMap((sku) => [define(sku), receive(sku, onHand)]),
  );
  return skus;
}

async function product(onHand: number): Promise<string> {
  const [sku] = await products(1, onHand);
  return sku!;
}

const figures = async (sku: string): Promise<Partial<Stock>> => {
  const { onHand, reserved, committed } = (await reader.find(sku))!;
  return { onHand, reserved, committed };
};

const reservationOf = (orderId: string): Promise<Reservation> =>
  instances[0].transaction(async (sql) => {
    const workingSet = await repository.load(sql, [release(orderId)]);
    return workingSet.get(release(orderId)).reservation;
  });

describe('the inventory in Postgres', () => {
  it('needs as many statements for an order of one line as for many orders of many lines', async () => {
    const skus = await products(100, 1_000);
    const statementsOf = async (orders: number, lines: number): Promise<number> => {
      let statements = 0;
      const ids = orderIds(orders);
      for (const commandOf of [(id: string) => reserve(id, ...skus.slice(0, lines).map(one)), commit])
        await instances[0].transaction(async (sql) => {
          const counting: Sql = {
            query: <Row>(...ask: Parameters<Sql['query']>) => sql.query<Row>(...ask).finally(() => statements++),
          };
          await handleIn(counting, ids.map(commandOf));
        });
      return statements;
    };
    expect(await statementsOf(20, 100)).toBe(await statementsOf(1, 1));
  });

  it('writes the lines of an order once, however often its status changes', async () => {
    const skus = await products(1_000, 1);
    const [committed, released] = orderIds(2) as [string, string];
    // The id under which PostgreSQL stores a value that is too large for its row.
    const storedAs = async (orderId: string) => {
      const ask = 'SELECT pg_column_toast_chunk_id(lines) AS id FROM reservations WHERE order_id = $1';
      return (await database.query<{ id: string }>(ask, [orderId]))[0]!.id;
    };
    for (const [orderId, next] of [
      [released, release(released)],
      [committed, commit(committed)],
    ] as const) {
      await handle(instances[0], [reserve(orderId, ...skus.map(one))]);
      const before = await storedAs(orderId);
      expect(before).not.toBeNull();
      await handle(instances[0], [next]);
      expect(await storedAs(orderId)).toBe(before);
      expect(await reservationOf(orderId)).toMatchObject({ lines: skus.map(one) });
    }
  });

  it('keeps what it publishes about an order, with the lines that the row holds once', async () => {
    const sku = await product(10);
    const lines = [{ sku, quantity: 2 }];
    const [committed, rejected] = orderIds(2) as [string, string];
    await publish([reserve(committed, ...lines), commit(committed), reserve(rejected, { sku, quantity: 9 })]);
    const keptOf = async (orderId: string) =>
      (await instances[0].transaction((sql) => new ReservationEvents().page(sql, undefined, 100_000))).find(
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
    expect(JSON.stringify(await database.query(stored, [committed]))).not.toContain(sku);
    // As earlier versions kept them.
    const { events } = (await keptOf(committed))!;
    await database.query(`UPDATE reservations SET events = $2 WHERE order_id = $1`, [
      committed,
      JSON.stringify(events),
    ]);
    expect(await keptOf(committed)).toMatchObject(both);
  });

  it('keeps the newest event of a product apart from its stock, also where the version before has kept a newer one', async () => {
    const sku = randomUUID();
    const keptOf = async () =>
      (await instances[0].transaction((sql) => new ProductEvents().page(sql, undefined, 100_000))).find(
        ({ subject }) => subject === sku,
      );
    await publish([define(sku), define(sku, 'Green tea'), receive(sku, 1)]);
    await publish([reserve(randomUUID(), one(sku))]);
    const newest = { type: 'ProductChanged', sequence: 2, data: { name: 'Green tea' } };
    expect(await keptOf()).toMatchObject({ unkept: 0, events: [newest] });
    expect(await database.query('SELECT events FROM stock WHERE sku = $1', [sku])).toEqual([{ events: [] }]);
    const newer = { ...newest, sequence: 3 };
    const before = 'UPDATE stock SET sequence = 3, events = $2 WHERE sku = $1';
    await database.query(before, [sku, JSON.stringify([newer])]);
    expect(await keptOf()).toMatchObject({ unkept: 0, events: [newer] });
    await publish([define(sku)]);
    expect(await keptOf()).toMatchObject({ unkept: 0, events: [{ sequence: 4, data: { name: 'Tea' } }] });
  });

  it('loads every state as it was saved', async () => {
    const sku = await product(10);
    const lines = [{ sku, quantity: 2 }];
    const ids = orderIds(6) as [string, string, string, string, string, string];
    const [reserved, committed, released, rejected, forbidden, none] = ids;
    await handle(instances[0], [
      ...[reserved, committed, released].map((id) => reserve(id, ...lines)),
      reserve(rejected, { sku, quantity: 5 }),
      commit(committed),
      release(released),
      release(forbidden),
    ]);
    expect(await Promise.all(ids.map(reservationOf))).toEqual([
      { orderId: reserved, status: 'reserved', sequence: 1, lines },
      { orderId: committed, status: 'committed', sequence: 2, lines },
      { orderId: released, status: 'released', sequence: 2, lines },
      { orderId: rejected, status: 'rejected', sequence: 1 },
      { orderId: forbidden, status: 'forbidden', sequence: 0 },
      { orderId: none, status: 'none', sequence: 0 },
    ]);
    expect(await reader.find(sku)).toEqual({
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
    const sku = await product(3);
    const kept = randomUUID();
    const cancelled = randomUUID();
    await handle(instances[0], [reserve(kept, one(sku)), reserve(cancelled, one(sku))]);
    await handle(instances[0], [commit(kept), release(cancelled)]);
    expect(await figures(sku)).toEqual({ onHand: 2, reserved: 0, committed: 1 });
  });

  it('needs the same number of statements for a large batch as for a small one', async () => {
    const skus = await products(20, 100);
    const statementsFor = async (count: number): Promise<number> => {
      let statements = 0;
      const commands = [
        ...orderIds(count).map((id) => reserve(id, ...skus.map(one))),
        ...orderIds(count).flatMap((id) => [define(id), receive(id, 1)]),
      ];
      await instances[0].transaction((sql) =>
        handleIn({ query: (text, values) => ((statements += 1), sql.query(text, values)) }, commands),
      );
      return statements;
    };
    expect(await statementsFor(50)).toBe(await statementsFor(1));
  });

  it('does not write a product that did not change', async () => {
    const sku = await product(1);
    const versionOf = () => database.query('SELECT xmin, ctid FROM stock WHERE sku = $1', [sku]);
    const before = await versionOf();
    await handle(instances[0], [reserve(randomUUID(), { sku, quantity: 2 }), define(sku), release(randomUUID())]);
    expect(await versionOf()).toEqual(before);
  });

  it('rejects figures that break the rules of the stock', async () => {
    const sku = await product(1);
    for (const wrong of ['reserved = 2', 'reserved = -1', 'on_hand = -1', 'committed = -1'])
      await expect(database.query(`UPDATE stock SET ${wrong} WHERE sku = $1`, [sku])).rejects.toMatchObject({
        code: '23514',
      });
  });

  it('refuses an order id that is no UUID', async () => {
    await expect(handle(instances[0], [release('not-a-uuid')])).rejects.toMatchObject({ code: '22P02' });
  });
});

describe('two instances at once', () => {
  // proves: inventory: the rows of the stock are locked
  it('sell the last unit once', async () => {
    for (const sku of await products(50, 1)) {
      const states = await Promise.all(
        instances.map((instance) => handle(instance, [reserve(randomUUID(), one(sku))])),
      );
      expect(states.map(([state]) => state!.reservation.status).toSorted()).toEqual(['rejected', 'reserved']);
      expect(await figures(sku)).toEqual({ onHand: 1, reserved: 1, committed: 0 });
    }
  });

  it('do not deadlock when their batches share products in different order', async () => {
    const skus = await products(300, 1_000);
    const ordersOf = (wanted: readonly string[]) => wanted.map((sku) => reserve(randomUUID(), one(sku)));
    for (let round = 0; round < 20; round += 1)
      await Promise.all([handle(instances[0], ordersOf(skus)), handle(instances[1], ordersOf(skus.toReversed()))]);
    for (const sku of skus) expect(await figures(sku)).toEqual({ onHand: 1_000, reserved: 40, committed: 0 });
  });

  it('do not deadlock when their batches share orders in different order', async () => {
    const sku = await product(10_000);
    for (let round = 0; round < 20; round += 1) {
      const ids = orderIds(50);
      await Promise.all([
        handle(
          instances[0],
          ids.map((id) => reserve(id, one(sku))),
        ),
        handle(instances[1], ids.toReversed().map(release)),
      ]);
    }
    expect(await figures(sku)).toEqual({ onHand: 10_000, reserved: 0, committed: 0 });
  });

  it('lose neither an order nor its cancellation', async () => {
    const sku = await product(100);
    for (const orderId of orderIds(100)) {
      await Promise.all([handle(instances[0], [reserve(orderId, one(sku))]), handle(instances[1], [release(orderId)])]);
      expect(['released', 'rejected']).toContain((await reservationOf(orderId)).status);
    }
    expect(await figures(sku)).toEqual({ onHand: 100, reserved: 0, committed: 0 });
  });

  it('count both definitions of a product that is new', async () => {
    for (const sku of orderIds(30)) {
      await Promise.all([handle(instances[0], [define(sku, 'one')]), handle(instances[1], [define(sku, 'two')])]);
      expect(await reader.find(sku)).toMatchObject({ sequence: 2 });
    }
  });

  it('book a delivery once: the late one fails, and finds it when it retries', async () => {
    const sku = await product(1);
    const delivery = receive(sku, 5, randomUUID());
    let late: Promise<unknown> = Promise.resolve();
    await handle(instances[0], [delivery], async () => {
      late = handle(instances[1], [delivery]).catch((error: unknown) => error);
      // When it waits for the product, it has read the deliveries already.
      await eventually(async () => (await database.query(WAITING)).length > 0);
    });
    expect(await late).toMatchObject({ code: '23505' });
    await handle(instances[1], [delivery]);
    expect(await figures(sku)).toEqual({ onHand: 6, reserved: 0, committed: 0 });
  });
});

const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
