import { isDeepStrictEqual } from 'node:util';
import type { Snapshots, Sql } from '@orderflow/durable';
import type { CancelReason } from '@orderflow/order-view';
import { evolveOrder } from '../domain/evolve.js';
import { type KnownOrder, noOrder, type OrderEvent, type OrderState } from '../domain/order.js';

type SnapshotRow = Omit<KnownOrder, 'reason'> & { readonly orderId: string; readonly reason: CancelReason | null };

/**
 * Locks in key order, so that two batches that share orders cannot deadlock. A missing order cannot be locked:
 * the primary key of `order_events` lets only one service instance place it.
 */
export async function lockOrders(sql: Sql, orderIds: readonly string[]): Promise<Map<string, KnownOrder>> {
  if (orderIds.length === 0) return new Map();
  const rows = await sql.query<SnapshotRow>(
    `SELECT order_id AS "orderId", version, status, cancel_reason AS reason, email,
            total_minor::float8 AS "totalMinor", currency, fingerprint
       FROM orders WHERE order_id = ANY($1::uuid[]) ORDER BY order_id FOR UPDATE`,
    [orderIds],
  );
  return new Map(rows.map((row) => [row.orderId, orderOf(row)]));
}

export async function saveSnapshots(sql: Sql, orders: ReadonlyMap<string, KnownOrder>): Promise<void> {
  if (orders.size === 0) return;
  await sql.query(
    `INSERT INTO orders (order_id, version, status, cancel_reason, email, total_minor, currency, fingerprint)
     SELECT "orderId", version, status, reason, email, "totalMinor", currency, fingerprint
       FROM jsonb_to_recordset($1::jsonb) AS o("orderId" uuid, version int, status text, reason text, email text,
            "totalMinor" bigint, currency text, fingerprint text)
     ON CONFLICT (order_id) DO UPDATE
       SET version = excluded.version, status = excluded.status, cancel_reason = excluded.cancel_reason,
           email = excluded.email, total_minor = excluded.total_minor, currency = excluded.currency,
           fingerprint = excluded.fingerprint`,
    [JSON.stringify([...orders].map(([orderId, order]) => ({ orderId, ...order })))],
  );
}

/** The snapshots beside the folds of their events. */
export class OrderSnapshots implements Snapshots {
  async count(sql: Sql): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      `SELECT greatest(reltuples, 0)::float8 AS count FROM pg_class WHERE oid = 'orders'::regclass`,
    );
    return row!.count;
  }

  page(sql: Sql, after: string, limit: number) {
    const next = (what: string, table: string) =>
      `(SELECT ${what} FROM ${table} WHERE order_id > $1::uuid ORDER BY order_id LIMIT $2)`;
    const subjects = `${next('DISTINCT order_id', 'order_events')} UNION ${next('order_id', 'orders')} ORDER BY order_id LIMIT $2`;
    return this.pairs(sql, subjects, [after, limit]);
  }

  async replace(sql: Sql, orderIds: readonly string[]): Promise<number> {
    await lockOrders(sql, orderIds);
    // Read again under the locks. A missing snapshot cannot be locked; without it nothing can be added to its history.
    const pairs = await this.pairs(sql, 'SELECT unnest($1::uuid[]) AS order_id', [orderIds]);
    const wrong = pairs.flatMap(({ key, live, rebuilt }): [string, KnownOrder][] =>
      rebuilt === null || isDeepStrictEqual(live, rebuilt) ? [] : [[key, rebuilt]],
    );
    await saveSnapshots(sql, new Map(wrong));
    return wrong.length;
  }

  /** One statement, and so one moment. */
  private async pairs(sql: Sql, subjects: string, values: readonly unknown[]) {
    const rows = await sql.query<SnapshotRow & { key: string; exists: boolean; events: OrderEvent[] | null }>(
      `SELECT page.order_id AS key, orders.order_id IS NOT NULL AS exists, version, status, cancel_reason AS reason, email,
              total_minor::float8 AS "totalMinor", currency, fingerprint,
              (SELECT jsonb_agg(jsonb_build_object('type', type, 'orderId', order_id, 'data', data) ORDER BY event.version)
               FROM order_events AS event WHERE event.order_id = page.order_id) AS events
       FROM (${subjects}) AS page LEFT JOIN orders USING (order_id) ORDER BY page.order_id`,
      values,
    );
    return rows.map((row) => ({ key: row.key, live: row.exists ? orderOf(row) : null, rebuilt: foldOf(row.events) }));
  }
}

function foldOf(events: readonly OrderEvent[] | null): KnownOrder | null {
  if (events?.[0]?.type !== 'OrderPlaced') return null;
  return events.reduce<OrderState>(evolveOrder, noOrder) as KnownOrder;
}

function orderOf({ version, status, reason, email, totalMinor, currency, fingerprint }: SnapshotRow): KnownOrder {
  const placed = { version, email, totalMinor, currency, fingerprint };
  return status === 'cancelled' ? { ...placed, status, reason: reason ?? 'unknown' } : { ...placed, status };
}
