import { type KeptEvent, type KeptEvents, type KeptSubject, NO_ORDER, type Sql } from '@orderflow/durable';
import type { Line } from '../domain/inventory.js';

interface Row extends Pick<KeptSubject, 'subject' | 'events'> {
  readonly sequence: number;
  readonly lines: readonly Line[];
}

/** What was published about each reservation. The events have its lines, which its row holds once, however many there are. */
export class ReservationEvents implements KeptEvents {
  readonly newestOnly = false;

  async page(sql: Sql, after: string | undefined, limit: number): Promise<KeptSubject[]> {
    const rows = await sql.query<Row>(
      `SELECT order_id AS subject, events, sequence, lines
       FROM reservations WHERE order_id > $1::uuid ORDER BY order_id LIMIT $2 FOR UPDATE`,
      [after ?? NO_ORDER, limit],
    );
    return rows.map(({ subject, events, sequence, lines }) => ({
      subject,
      events: events.map((event) => withLines(event, lines)),
      unkept: sequence - events.length,
    }));
  }
}

/** The event as its row keeps it. */
export function withoutLines(event: KeptEvent): KeptEvent {
  const { lines: _inRow, ...data } = event.data as { readonly lines?: readonly Line[] };
  return { ...event, data };
}

// Earlier versions kept the lines in each event.
const withLines = (event: KeptEvent, lines: readonly Line[]): KeptEvent =>
  event.type === 'StockRejected' ? event : { ...event, data: { lines, ...(event.data as object) } };
