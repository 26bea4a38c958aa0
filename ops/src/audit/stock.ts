import type { StockFacts } from '@orderflow/invariants';
import type { Reader } from './database-reader.ts';

// One statement, and so one moment: between two statements an order could move stock.
const STOCK = `
  WITH delivered AS (SELECT sku, sum(quantity) AS quantity FROM deliveries GROUP BY sku),
  held AS (
    SELECT line->>'sku' AS sku,
           coalesce(sum((line->>'quantity')::bigint) FILTER (WHERE status = 'reserved'), 0) AS reserved,
           coalesce(sum((line->>'quantity')::bigint) FILTER (WHERE status = 'committed'), 0) AS committed
    FROM reservations, jsonb_array_elements(lines) AS line
    WHERE status IN ('reserved', 'committed') GROUP BY 1
  )
  SELECT sku, coalesce(on_hand, 0) AS "onHand", coalesce(stock.reserved, 0) AS reserved,
         coalesce(stock.committed, 0) AS committed, coalesce(delivered.quantity, 0)::float8 AS delivered,
         coalesce(held.reserved, 0)::float8 AS "openReservations",
         coalesce(held.committed, 0)::float8 AS "committedReservations"
  FROM stock LEFT JOIN delivered USING (sku) FULL JOIN held USING (sku) ORDER BY sku`;

export const readStock = async (reader: Reader): Promise<StockFacts[]> => reader.rows<StockFacts>('inventory', STOCK);
