import type { Sql } from '@orderflow/durable';
import { evolveOrder } from '../domain/evolve.js';
import { type KnownOrder, noOrder, type OrderEvent, type OrderState } from '../domain/order.js';
import { saveSnapshots } from './order-snapshots.js';

const ORDERS_AT_A_TIME = 1_000;

interface HistoryRow {
  orderId: string;
  events: OrderEvent[];
}

/**
 * For operators: rebuilds the table `orders` from `order_events`, its only source. No command calls it yet.
 * Stop the service and truncate `orders` first.
 */
export async function rebuildSnapshots(sql: Sql): Promise<void> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const histories = await historiesAfter(sql, after);
    await saveSnapshots(sql, new Map(histories.map(({ orderId, events }) => [orderId, orderOf(events)])));
    const last = histories.at(-1);
    if (!last) return;
    after = last.orderId;
  }
}

const historiesAfter = (sql: Sql, after: string): Promise<HistoryRow[]> =>
  sql.query<HistoryRow>(
    `SELECT order_id AS "orderId",
            jsonb_agg(jsonb_build_object('type', type, 'orderId', order_id, 'data', data) ORDER BY version) AS events
       FROM order_events WHERE order_id > $1 GROUP BY order_id ORDER BY order_id LIMIT ${ORDERS_AT_A_TIME}`,
    [after],
  );

const orderOf = (events: readonly OrderEvent[]): KnownOrder =>
  events.reduce<OrderState>(evolveOrder, noOrder) as KnownOrder;
