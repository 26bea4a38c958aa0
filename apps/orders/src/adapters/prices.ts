import type { Sql } from '@orderflow/durable';
import type { Price, PriceList } from '../domain/price-list.js';

interface PriceRow {
  sku: string;
  price_minor: number;
  currency: string;
  sequence: number;
}

/** Without locks: an order takes the price that it reads, and `savePrices` never overwrites a newer price. */
export async function loadPrices(sql: Sql, skus: readonly string[]): Promise<PriceList> {
  if (skus.length === 0) return new Map();
  const rows = await sql.query<PriceRow>(
    'SELECT sku, price_minor::float8, currency, sequence FROM price_list WHERE sku = ANY($1::text[])',
    [skus],
  );
  return new Map(rows.map(({ sku, price_minor: priceMinor, ...price }) => [sku, { priceMinor, ...price }]));
}

export async function savePrices(sql: Sql, prices: ReadonlyMap<string, Price>): Promise<void> {
  if (prices.size === 0) return;
  // In key order, else two batches that share SKUs could deadlock.
  const rows = [...prices].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([sku, price]) => ({ sku, ...price }));
  // guard: orders: a price is never overwritten by an older one
  await sql.query(
    `INSERT INTO price_list (sku, price_minor, currency, sequence)
     SELECT sku, "priceMinor", currency, sequence
       FROM jsonb_to_recordset($1::jsonb) AS p(sku text, "priceMinor" bigint, currency text, sequence int)
     ON CONFLICT (sku) DO UPDATE
       SET price_minor = excluded.price_minor, currency = excluded.currency, sequence = excluded.sequence
       WHERE price_list.sequence < excluded.sequence`,
    [JSON.stringify(rows)],
  );
}
