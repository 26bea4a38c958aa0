import type { KeptEvent, KeptEvents, KeptSubject, Sql } from '@orderflow/durable';
import { NO_ORDER } from '@orderflow/durable';
import type { OrderEvent } from '../domain/order.js';

interface EventRow extends Omit<KeptEvent, 'time' | 'tracestate'> {
  readonly orderId: string;
  readonly time: Date;
  readonly tracestate: string | null;
}

/** Orders keeps everything that it has published: `order_events` is its state. */
export class OrderHistory implements KeptEvents {
  readonly newestOnly = false;

  /** @param written the event as it is published */
  constructor(private readonly written: (event: OrderEvent) => Pick<KeptEvent, 'type' | 'data'>) {}

  async page(sql: Sql, after: string | undefined, limit: number): Promise<KeptSubject[]> {
    const locked = await sql.query<{ orderId: string }>(
      'SELECT order_id AS "orderId" FROM orders WHERE order_id > $1::uuid ORDER BY order_id LIMIT $2 FOR UPDATE',
      [after ?? NO_ORDER, limit],
    );
    const rows = await sql.query<EventRow>(
      `SELECT order_id AS "orderId", id, type, data, version AS sequence, time, correlation_id AS "correlationId",
              causation_id AS "causationId", traceparent, tracestate
       FROM order_events WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id, version`,
      [locked.map(({ orderId }) => orderId)],
    );
    const byOrder = new Map<string, KeptEvent[]>(locked.map(({ orderId }) => [orderId, []]));
    for (const row of rows) byOrder.get(row.orderId)!.push(this.keptOf(row));
    return [...byOrder].map(([subject, events]) => ({ subject, events, unkept: 0 }));
  }

  private keptOf({ orderId, time, tracestate, type, data, ...row }: EventRow): KeptEvent {
    const published = this.written({ type, data, orderId } as OrderEvent);
    return { ...row, ...published, time: time.toISOString(), tracestate: tracestate ?? undefined };
  }
}
