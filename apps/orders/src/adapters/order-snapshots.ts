import type { Sql } from '@orderflow/durable';
import type { CancelReason, KnownOrder } from '../domain/order.js';

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
       SET version = excluded.version, status = excluded.status, cancel_reason = excluded.cancel_reason`,
    [JSON.stringify([...orders].map(([orderId, order]) => ({ orderId, ...order })))],
  );
}

function orderOf({ version, status, reason, email, totalMinor, currency, fingerprint }: SnapshotRow): KnownOrder {
  const placed = { version, email, totalMinor, currency, fingerprint };
  return status === 'cancelled' ? { ...placed, status, reason: reason ?? 'unknown' } : { ...placed, status };
}
