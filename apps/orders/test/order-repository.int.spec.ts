import { beforeAll, describe, expect, it } from '@jest/globals';
import { Connection, Database, type KeptEvent, type Sql } from '@orderflow/durable';
import { batchContext as context, handleBatch, TestDatabase } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { OrderHistory } from '../src/adapters/order-history.js';
import { OrderRepository } from '../src/adapters/order-repository.js';
import { saveSnapshots } from '../src/adapters/order-snapshots.js';
import { decide } from '../src/domain/decide.js';
import { evolve, evolveOrder } from '../src/domain/evolve.js';
import {
  type KnownOrder,
  noOrder,
  type OrderCommand,
  type OrderEvent,
  type OrderState,
  type PlaceOrder,
} from '../src/domain/order.js';

const repository = new OrderRepository();
const own = new TestDatabase('orders');
let database: Database;
let instance: Connection;
let otherInstance: Connection;

const batch = async (commands: readonly OrderCommand[], beforeSave?: () => Promise<unknown>, connection = instance) => {
  const handle = (sql: Sql) => handleBatch(sql, { decide, evolve }, repository, commands, beforeSave);
  return (await connection.transaction(handle)).recorded;
};

const placeOrder = (change: Partial<PlaceOrder> = {}): PlaceOrder => ({
  type: 'PlaceOrder',
  orderId: randomUUID(),
  customerId: 'c-1',
  email: `o'brien"{},\\@example.com`,
  currency: 'EUR',
  lines: [{ sku: 'TEA', quantity: 2 }],
  paymentToken: 'encrypted',
  paymentTokenDigest: 'digest',
  mostTotalMinor: 1_000_000_000_000,
  ...change,
});

const listTea = (priceMinor: number, sequence: number): OrderCommand => ({
  type: 'ListPrice',
  sku: 'TEA',
  price: { priceMinor, currency: 'EUR', sequence },
});

beforeAll(async () => {
  database = own.ending(new Database(own.url, 'test'));
  instance = own.ending(new Connection(own.url, 'one'));
  otherInstance = own.ending(new Connection(own.url, 'two'));
  await batch([listTea(450, 1)]);
});

const historyOf = (orderId: string) =>
  database.query('SELECT version, type, data, time, causation_id FROM order_events WHERE order_id = $1 ORDER BY 1', [
    orderId,
  ]);

describe('orders in Postgres', () => {
  it('keeps what a record of its event held, to be published again', async () => {
    const command = placeOrder();
    await batch([command]);
    await database.query(`UPDATE order_events SET tracestate = 'vendor=1' WHERE order_id = $1`, [command.orderId]);
    const history = new OrderHistory(({ type, data }) => ({ type, data }) as Pick<KeptEvent, 'type' | 'data'>);
    const kept = (await instance.transaction((sql) => history.page(sql, undefined, 1_000))).find(
      ({ subject }) => subject === command.orderId,
    );
    expect(kept?.events).toMatchObject([
      { type: 'OrderPlaced', sequence: 1, traceparent: context.traceparent, tracestate: 'vendor=1' },
    ]);
  });

  it('stores each event of a batch, and decides the next batch on them', async () => {
    const first = placeOrder();
    const second = placeOrder();
    await batch([first, second, { type: 'ConfirmOrder', orderId: first.orderId }]);
    await batch([
      { type: 'CancelOrder', orderId: second.orderId, reason: 'out_of_stock' },
      { type: 'CancelOrder', orderId: first.orderId, reason: 'timed_out' },
    ]);
    const money = { totalMinor: 900, currency: 'EUR' };
    expect(await historyOf(first.orderId)).toMatchObject([
      { version: 1, type: 'OrderPlaced', time: context.at, causation_id: context.id },
      { version: 2, type: 'OrderConfirmed', data: { email: first.email, ...money } },
    ]);
    expect(await historyOf(second.orderId)).toMatchObject([{ version: 1 }, { version: 2, type: 'OrderCancelled' }]);
  });

  it('recognises a repeated request in the same batch and in a later one', async () => {
    const command = placeOrder();
    expect(await batch([command, command])).toHaveLength(1);
    expect(await batch([command])).toHaveLength(0);
  });

  it('needs as many statements for an order of one line as for many orders of many lines', async () => {
    const statementsOf = async (orders: number, lines: number): Promise<number> => {
      const commands = Array.from({ length: orders }, () =>
        placeOrder({ lines: Array.from({ length: lines }, () => ({ sku: 'TEA', quantity: 1 })) }),
      );
      return instance.transaction(async (sql) => {
        let statements = 0;
        const counting: Sql = {
          query: <Row>(...ask: Parameters<Sql['query']>) => sql.query<Row>(...ask).finally(() => statements++),
        };
        await handleBatch(counting, { decide, evolve }, repository, commands);
        return statements;
      });
    };
    expect(await statementsOf(20, 100)).toBe(await statementsOf(1, 1));
  });

  it('stores nothing of an order that is refused', async () => {
    const command = placeOrder({ lines: [{ sku: 'NONE', quantity: 1 }] });
    await expect(batch([command])).rejects.toThrow('there is no product NONE');
    expect(await database.query('SELECT FROM orders WHERE order_id = $1', [command.orderId])).toEqual([]);
  });

  // proves: orders: the version of an event is unique in its order
  it('lets one of two instances place an order, and the other finds it when it retries', async () => {
    const command = placeOrder();
    const late = batch([command], () => batch([command], undefined, otherInstance));
    await expect(late).rejects.toMatchObject({ code: '23505' });
    expect(await batch([command])).toEqual([]);
    expect(await historyOf(command.orderId)).toHaveLength(1);
  });

  it('does not deadlock two instances that place the same orders in different order', async () => {
    const commands = Array.from({ length: 50 }, () => placeOrder());
    const results = await Promise.allSettled([batch(commands), batch(commands.toReversed(), undefined, otherInstance)]);
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'committed'));
    expect(codes).toContain('committed');
    expect(codes).not.toContain('40P01');
  });

  it('makes one instance wait while the other decides on the same order', async () => {
    const command = placeOrder();
    await batch([command]);
    const { orderId } = command;
    let late: Promise<unknown> | undefined;
    await batch([{ type: 'ConfirmOrder', orderId }], async () => {
      late = batch([{ type: 'CancelOrder', orderId, reason: 'timed_out' }], undefined, otherInstance);
    });
    expect(await late).toEqual([]);
    expect(await historyOf(orderId)).toMatchObject([{ type: 'OrderPlaced' }, { type: 'OrderConfirmed' }]);
  });

  // proves: orders: a price is never overwritten by an older one
  it('never overwrites a newer price, even when an instance is late', async () => {
    await batch([listTea(460, 2)], () => batch([listTea(470, 3)], undefined, otherInstance));
    const [placed] = await batch([placeOrder()]);
    expect(placed!.event).toMatchObject({ data: { totalMinor: 940 } });
  });

  it('stores all in its events: the snapshots can be rebuilt from them', async () => {
    const snapshots = () => database.query('SELECT * FROM orders ORDER BY order_id');
    const written = await snapshots();
    await database.query('TRUNCATE orders');
    const histories = await database.query<{ orderId: string; events: OrderEvent[] }>(
      `SELECT order_id AS "orderId",
              jsonb_agg(jsonb_build_object('type', type, 'orderId', order_id, 'data', data) ORDER BY version) AS events
         FROM order_events GROUP BY order_id`,
    );
    const orderOf = (events: OrderEvent[]) => events.reduce<OrderState>(evolveOrder, noOrder) as KnownOrder;
    await saveSnapshots(database, new Map(histories.map(({ orderId, events }) => [orderId, orderOf(events)])));
    expect(written.length).toBeGreaterThan(3);
    expect(await snapshots()).toEqual(written);
  });
});
