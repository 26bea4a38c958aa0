import { describe, expect, it } from '@jest/globals';
import type { Sql } from '@orderflow/durable';
import { randomUUID } from 'node:crypto';
import { commit, define, InventoryDatabase, one, orderIds, receive, release, reserve } from './inventory-database.js';

const inventory = new InventoryDatabase();

describe('a batch of the inventory', () => {
  it('needs as many statements for an order of one line as for many orders of many lines', async () => {
    const skus = await inventory.products(100, 1_000);
    const statementsOf = async (orders: number, lines: number): Promise<number> => {
      let statements = 0;
      const ids = orderIds(orders);
      for (const commandOf of [(id: string) => reserve(id, ...skus.slice(0, lines).map(one)), commit])
        await inventory.transaction(async (sql) => {
          const counting: Sql = {
            query: <Row>(...ask: Parameters<Sql['query']>) => sql.query<Row>(...ask).finally(() => statements++),
          };
          await inventory.handleIn(counting, ids.map(commandOf));
        });
      return statements;
    };
    expect(await statementsOf(20, 100)).toBe(await statementsOf(1, 1));
  });

  it('needs the same number of statements for a large batch as for a small one', async () => {
    const skus = await inventory.products(20, 100);
    const statementsFor = async (count: number): Promise<number> => {
      let statements = 0;
      const commands = [
        ...orderIds(count).map((id) => reserve(id, ...skus.map(one))),
        ...orderIds(count).flatMap((id) => [define(id), receive(id, 1)]),
      ];
      await inventory.transaction((sql) =>
        inventory.handleIn({ query: (text, values) => ((statements += 1), sql.query(text, values)) }, commands),
      );
      return statements;
    };
    expect(await statementsFor(50)).toBe(await statementsFor(1));
  });

  it('writes the lines of an order once, however often its status changes', async () => {
    const skus = await inventory.products(1_000, 1);
    const [committed, released] = orderIds(2) as [string, string];
    // The id under which PostgreSQL stores a value that is too large for its row.
    const storedAs = async (orderId: string) => {
      const ask = 'SELECT pg_column_toast_chunk_id(lines) AS id FROM reservations WHERE order_id = $1';
      return (await inventory.database.query<{ id: string }>(ask, [orderId]))[0]!.id;
    };
    for (const [orderId, next] of [
      [released, release(released)],
      [committed, commit(committed)],
    ] as const) {
      await inventory.handle([reserve(orderId, ...skus.map(one))]);
      const before = await storedAs(orderId);
      expect(before).not.toBeNull();
      await inventory.handle([next]);
      expect(await storedAs(orderId)).toBe(before);
      expect(await inventory.reservationOf(orderId)).toMatchObject({ lines: skus.map(one) });
    }
  });

  it('does not write a product that did not change', async () => {
    const sku = await inventory.product(1);
    const versionOf = () => inventory.database.query('SELECT xmin, ctid FROM stock WHERE sku = $1', [sku]);
    const before = await versionOf();
    await inventory.handle([reserve(randomUUID(), { sku, quantity: 2 }), define(sku), release(randomUUID())]);
    expect(await versionOf()).toEqual(before);
  });
});
