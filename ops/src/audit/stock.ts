import type { Reader } from './books.ts';
import type { Rule } from './finding.ts';

/** What inventory has of one product, by product and by order. */
export interface StockRow {
  sku: string;
  onHand: number;
  reserved: number;
  committed: number;
  delivered: number;
  openReservations: number;
  committedReservations: number;
}

// One statement, and so one moment: between two of them an order could move stock.
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

export const readStock = async (books: Reader): Promise<StockRow[]> => books.rows<StockRow>('inventory', STOCK);

type StockRule = Rule<StockRow>;

const subjectOf = ({ sku }: StockRow): string => sku;

const delivered: StockRule = {
  id: 'stock-delivered',
  rule: 'stock: delivered = on hand + committed',
  subjectOf,
  judge({ delivered, onHand, committed }) {
    const figures = { expected: { delivered }, found: { 'on hand': onHand, committed } };
    if (delivered === onHand + committed) return figures;
    return {
      ...figures,
      broken: { expected: `${delivered} delivered`, found: `${onHand} on hand and ${committed} committed` },
    };
  },
};

const reserved: StockRule = {
  id: 'stock-reserved',
  rule: 'stock: reserved and committed = what reservations hold',
  subjectOf,
  judge({ reserved, committed, openReservations, committedReservations }) {
    const figures = {
      expected: { 'by product': reserved + committed },
      found: { 'by order': openReservations + committedReservations },
    };
    if (reserved === openReservations && committed === committedReservations) return figures;
    return {
      ...figures,
      broken: {
        expected: `${openReservations} reserved and ${committedReservations} committed by orders`,
        found: `${reserved} and ${committed} by product`,
      },
    };
  },
};

const neverBelowZero: StockRule = {
  id: 'stock-negative',
  rule: 'stock: never below zero, and no more promised than there is',
  subjectOf,
  judge({ onHand, reserved, committed }) {
    const isSound = Math.min(onHand, reserved, committed, onHand - reserved) >= 0;
    const figures = { expected: { products: 1 }, found: { 'sound ones': isSound ? 1 : 0 } };
    if (isSound) return figures;
    return {
      ...figures,
      broken: {
        expected: '0 <= reserved <= on hand',
        found: `${onHand} on hand, ${reserved} reserved, ${committed} committed`,
      },
    };
  },
};

export const stockRules: readonly StockRule[] = [delivered, reserved, neverBelowZero];
