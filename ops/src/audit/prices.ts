import { setTimeout as sleep } from 'node:timers/promises';
import type { ListedPrice, PriceFacts } from '@orderflow/invariants';
import type { Reader } from './database-reader.ts';

type Row = ListedPrice & { readonly sku: string };

const LISTED = `SELECT sku, price_minor::float8 AS "priceMinor", currency, sequence FROM price_list`;
const OWNED = `SELECT sku, price_minor::float8 AS "priceMinor", currency, sequence FROM stock`;

const POLL_MS = 500;
/** How long a change of a price may be under way. */
const UNDER_WAY_MS = 5_000;

/** Prices that changed a moment ago are read again: the change is still on its way to orders. */
export async function readPrices(reader: Reader): Promise<PriceFacts[]> {
  const until = Date.now() + UNDER_WAY_MS;
  // Orders first: inventory can only be ahead of what was read there.
  const listed = async () => bySku(await reader.rows<Row>('orders', LISTED));
  let before = await listed();
  const owned = bySku(await reader.rows<Row>('inventory', OWNED));
  const isBehind = () => [...owned].some(([sku, { sequence }]) => (before.get(sku)?.sequence ?? 0) < sequence);
  while (isBehind() && Date.now() < until) {
    await sleep(POLL_MS);
    const later = await listed();
    // A price that was read as newer than the owned one changed since: it is as new as the owned one was.
    before = new Map([
      ...before,
      ...[...owned].flatMap(([sku, row]) => priceAt(sku, row, before.get(sku), later.get(sku))),
    ]);
  }
  const skus = new Set([...owned.keys(), ...before.keys()]);
  return [...skus].toSorted().map((sku) => ({ sku, owned: owned.get(sku), listed: before.get(sku) }));
}

const bySku = (rows: readonly Row[]): Map<string, Row> => new Map(rows.map((row) => [row.sku, row]));

function priceAt(sku: string, owned: Row, before: Row | undefined, later: Row | undefined): [string, Row][] {
  if (before && before.sequence >= owned.sequence) return [[sku, before]];
  if (later && later.sequence > owned.sequence) return [[sku, owned]];
  return later ? [[sku, later]] : [];
}
