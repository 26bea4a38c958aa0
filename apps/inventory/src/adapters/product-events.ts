import type { KeptEvent, KeptEvents, KeptSubject, Sql } from '@orderflow/durable';

interface Row extends Pick<KeptSubject, 'subject' | 'events'> {
  readonly sequence: number;
}

/** The newest event about each product. */
export class ProductEvents implements KeptEvents {
  readonly newestOnly = true;

  async page(sql: Sql, after: string | undefined, limit: number): Promise<KeptSubject[]> {
    // Every SKU is greater than the empty string.
    const rows = await sql.query<Row>(NEWEST, [after ?? '', limit]);
    return rows.map(({ subject, events, sequence }) => ({
      subject,
      events,
      unkept: Math.min(sequence, 1) - events.length,
    }));
  }
}

/** Replaces what is kept about these products. */
export async function saveProductEvents(
  sql: Sql,
  products: readonly { readonly sku: string; readonly sequence: number; readonly events: readonly KeptEvent[] }[],
): Promise<void> {
  if (products.length > 0) await sql.query(SAVE, [JSON.stringify(products)]);
}

// An instance of the version before keeps the event in the stock: then the one here is older than the product.
const NEWEST = `
  SELECT stock.sku AS subject, coalesce(newest.events, stock.events) AS events, stock.sequence
  FROM stock LEFT JOIN product_events AS newest ON newest.sku = stock.sku AND newest.sequence = stock.sequence
  WHERE stock.sku > $1 ORDER BY stock.sku LIMIT $2 FOR UPDATE OF stock`;

const SAVE = `
  INSERT INTO product_events (sku, sequence, events)
  SELECT sku, sequence, events FROM jsonb_to_recordset($1::jsonb) AS new (sku text, sequence integer, events jsonb)
  ON CONFLICT (sku) DO UPDATE SET sequence = excluded.sequence, events = excluded.events`;
