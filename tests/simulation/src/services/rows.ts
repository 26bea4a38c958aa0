import type { Table, Tx } from '../memory/database.js';

/** Inserts missing rows, since only rows that exist can be locked, then locks all of them in key order. */
export async function lockOrCreate<Row>(
  tx: Tx,
  table: Table<Row>,
  keys: readonly string[],
  initial: (key: string) => Row,
): Promise<Row[]> {
  const sorted = [...new Set(keys)].sort();
  const [, rows] = await Promise.all([
    tx.statement(`insert missing ${table.name}`, (view) =>
      view.insertMissing(table, new Map(sorted.map((key) => [key, initial(key)]))),
    ),
    tx.statement(`lock ${table.name}`, (view) => view.lock(table, sorted)),
  ]);
  return rows;
}

/** Inserts or updates. */
export async function save<Row>(tx: Tx, table: Table<Row>, rows: readonly (readonly [string, Row])[]): Promise<void> {
  if (rows.length > 0) await tx.statement(`save ${table.name}`, (view) => view.upsert(table, new Map(rows)));
}
