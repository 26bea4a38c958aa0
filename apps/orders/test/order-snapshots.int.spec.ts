import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { Connection, Database } from '@orderflow/durable';
import { eventData, TestDatabase } from '@orderflow/testing';
import { OrderSnapshots, saveSnapshots } from '../src/adapters/order-snapshots.js';
import { evolveOrder } from '../src/domain/evolve.js';
import { type KnownOrder, noOrder, type OrderEvent } from '../src/domain/order.js';

const own = new TestDatabase('orders', 'test');
const snapshots = new OrderSnapshots();
let database: Database;
let connection: Connection;
let ids: string[];

const FIRST = '00000000-0000-0000-0000-000000000000';

/** Two orders: placed, and confirmed after that. */
beforeEach(async () => {
  database = own.ending(new Database(own.url, 'test'));
  connection = own.ending(new Connection(own.url, 'rebuild'));
  ids = [randomUUID(), randomUUID()].toSorted();
  await append(ids[0]!, 'OrderPlaced');
  await append(ids[1]!, 'OrderPlaced', 'OrderConfirmed');
});

async function append(orderId: string, ...types: ('OrderPlaced' | 'OrderConfirmed')[]): Promise<void> {
  const events = types.map((type) => ({ type, orderId, data: eventData[type] }) as unknown as OrderEvent);
  for (const [index, { type, data }] of events.entries())
    await database.query(
      `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
       VALUES ($1, $2, gen_random_uuid(), $3, $4, now(), '', '', '')`,
      [orderId, index + 1, type, JSON.stringify(data)],
    );
  await saveSnapshots(database, new Map([[orderId, events.reduce(evolveOrder, noOrder as never) as KnownOrder]]));
}

const stored = () => database.query<Record<string, unknown>>('SELECT * FROM orders ORDER BY order_id');
const pairs = () => snapshots.page(database, FIRST, 10);
const replace = (...keys: string[]) => connection.transaction((sql) => snapshots.replace(sql, keys));

describe('snapshots beside the folds of their events', () => {
  it('are equal, page by page, in key order', async () => {
    const all = await pairs();
    expect(all.map(({ key }) => key)).toEqual(ids);
    for (const { live, rebuilt } of all) expect(live).toEqual(rebuilt);
    expect(all.map(({ live }) => live?.status)).toEqual(['placed', 'confirmed']);
    expect(await snapshots.page(database, FIRST, 1)).toEqual(all.slice(0, 1));
    expect(await snapshots.page(database, ids[0]!, 1)).toEqual(all.slice(1));
  });

  it.each([
    `UPDATE orders SET status = 'cancelled', cancel_reason = 'timed_out'`,
    `UPDATE orders SET email = 'eve@example.com', total_minor = 1, currency = 'USD', fingerprint = ''`,
    'DELETE FROM orders',
  ])('are replaced where they differ: %s', async (harm) => {
    const before = await stored();
    await database.query(`${harm} WHERE order_id = $1`, [ids[1]]);
    const [equal, wrong] = await pairs();
    expect(equal!.live).toEqual(equal!.rebuilt);
    expect(wrong!.live).not.toEqual(wrong!.rebuilt);
    expect(await replace(...ids)).toBe(1);
    expect(await stored()).toEqual(before);
  });

  it('without a history that begins with the order are nothing to compare with, and stay', async () => {
    await database.query('DELETE FROM order_events WHERE version = 1');
    const before = await stored();
    expect((await pairs()).map(({ rebuilt }) => rebuilt)).toEqual([null, null]);
    expect(await replace(...ids)).toBe(0);
    expect(await stored()).toEqual(before);
  });

  it('that an instance is changing are compared again under their lock', async () => {
    const [orderId] = ids as [string];
    const instance = own.ending(new Connection(own.url, 'instance'));
    const { replaced } = await instance.transaction(async (sql) => {
      await sql.query('SELECT FROM orders WHERE order_id = $1 FOR UPDATE', [orderId]);
      const replacing = replace(orderId);
      await eventually(async () => {
        const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        expect(await database.query(waiting)).toHaveLength(1);
      });
      await sql.query(
        `INSERT INTO order_events SELECT (jsonb_populate_record(e, '{"version": 2, "type": "OrderConfirmed", "data": {}}')).*
         FROM order_events AS e WHERE order_id = $1`,
        [orderId],
      );
      await sql.query(`UPDATE orders SET version = 2, status = 'confirmed' WHERE order_id = $1`, [orderId]);
      return { replaced: replacing };
    });
    expect(await replaced).toBe(0);
    expect((await stored())[0]).toMatchObject({ version: 2, status: 'confirmed' });
  });
});
