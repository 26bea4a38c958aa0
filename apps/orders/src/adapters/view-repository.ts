import type { Repository, Sql } from '@orderflow/durable';
import { orderOf, type ViewTypes, ViewWorkingSet } from '../domain/order-view-working-set.js';
import type { OrderView, Viewed } from '@orderflow/order-view';
import { rowOf, type ViewRow, viewOf } from './view-row.js';

/** Writes the read model: one row per order and batch, regardless of the number of events. */
export class ViewRepository implements Repository<ViewTypes> {
  /** @param table another one than the live table while views are rebuilt */
  constructor(private readonly table = 'order_views') {}

  /** Locked in key order. A missing view cannot be locked: the second of two inserts fails, and its batch is retried. */
  async load(sql: Sql, events: readonly Viewed[]): Promise<ViewWorkingSet> {
    const rows = await sql.query<ViewRow>(
      `SELECT order_id AS "orderId", customer_id AS "customerId", status, cancel_reason AS "cancelReason", stock,
              payment, settled, version, inventory_seq AS "inventorySeq", payments_seq AS "paymentsSeq",
              notifications_seq AS "notificationsSeq", placed_at AS "placedAt", updated_at AS "updatedAt"
         FROM ${this.table} WHERE order_id = ANY($1::uuid[]) ORDER BY order_id FOR UPDATE`,
      [[...new Set(events.map(orderOf))]],
    );
    return new ViewWorkingSet(new Map(rows.map((row) => [row.orderId, viewOf(row)])));
  }

  async save(sql: Sql, loaded: ViewWorkingSet): Promise<void> {
    const { fresh, known } = loaded.toSave();
    await Promise.all([
      // guard: orders: a view that two instances create at once loses nothing
      insertViews(sql, this.table, fresh),
      replaceViews(sql, this.table, known),
    ]);
  }
}

type Views = readonly [orderId: string, view: OrderView][];

async function insertViews(sql: Sql, table: string, views: Views, onConflict = ''): Promise<void> {
  if (views.length === 0) return;
  // In key order, else two instances that insert the same views could deadlock.
  const rows = views
    .map(([orderId, view]) => rowOf(orderId, view))
    .toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
  await sql.query(
    `INSERT INTO ${table} (order_id, customer_id, status, cancel_reason, stock, payment, settled, version,
            inventory_seq, payments_seq, notifications_seq, placed_at, updated_at)
     SELECT * FROM jsonb_to_recordset($1::jsonb)
            AS v("orderId" uuid, "customerId" text, status text, "cancelReason" text, stock text, payment text,
            settled boolean, version int, "inventorySeq" int, "paymentsSeq" int, "notificationsSeq" int,
            "placedAt" timestamptz, "updatedAt" timestamptz)
     ${onConflict}`,
    [JSON.stringify(rows)],
  );
}

// Not UPDATE ... FROM: for a large batch its join is planned as a scan of the whole table.
const replaceViews = (sql: Sql, table: string, views: Views): Promise<void> =>
  insertViews(
    sql,
    table,
    views,
    `ON CONFLICT (order_id) DO UPDATE
       SET customer_id = excluded.customer_id, status = excluded.status, cancel_reason = excluded.cancel_reason,
           stock = excluded.stock, payment = excluded.payment, settled = excluded.settled, version = excluded.version,
           inventory_seq = excluded.inventory_seq, payments_seq = excluded.payments_seq,
           notifications_seq = excluded.notifications_seq, placed_at = excluded.placed_at,
           updated_at = excluded.updated_at`,
  );
