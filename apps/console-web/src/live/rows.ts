import type { OrderRow } from '@orderflow/console-api';

/**
 * The rows of the list. Rows that are shown change in place; new ones wait until they are let in, so that no row moves under
 * the pointer. Pure: each function returns another list.
 */
export interface Rows {
  readonly shown: readonly OrderRow[];
  /** New orders that match the filter, the newest first. */
  readonly waiting: readonly OrderRow[];
}

export const noRows: Rows = { shown: [], waiting: [] };

/** How much of an order a row contains: of two rows, the one with more events is the later one. */
const eventsIn = ({ told }: OrderRow): number => told.length;
const later = (a: OrderRow, b: OrderRow): OrderRow => (eventsIn(b) >= eventsIn(a) ? b : a);
const placedOf = ({ placedAt, updatedAt }: OrderRow): string => placedAt ?? updatedAt;
const newestFirst = (a: OrderRow, b: OrderRow): number => {
  const [x, y] = [placedOf(a), placedOf(b)];
  if (x !== y) return x < y ? 1 : -1;
  return a.orderId < b.orderId ? 1 : -1;
};

/** Rows that were fetched: they replace what is shown, and keep what the stream said since. */
export function fetched({ shown, waiting }: Rows, rows: readonly OrderRow[]): Rows {
  const known = new Map([...shown, ...waiting].map((row) => [row.orderId, row]));
  const ids = new Set(rows.map(({ orderId }) => orderId));
  const merged = rows.map((row) => {
    const live = known.get(row.orderId);
    return live ? later(row, live) : row;
  });
  return { shown: merged, waiting: waiting.filter(({ orderId }) => !ids.has(orderId)) };
}

/** Rows of the stream. @param matches whether a new order belongs to the list @param follow let new ones in at once */
export function changed(
  rows: Rows,
  up: readonly OrderRow[],
  matches: (row: OrderRow) => boolean,
  follow: boolean,
): Rows {
  const byId = new Map(up.map((row) => [row.orderId, row]));
  const update = (row: OrderRow): OrderRow => {
    const change = byId.get(row.orderId);
    if (change === undefined) return row;
    byId.delete(row.orderId);
    return later(row, change);
  };
  const shown = rows.shown.map(update);
  const waiting = rows.waiting.map(update);
  const fresh = [...byId.values()].filter(matches);
  const next = { shown, waiting: fresh.length === 0 ? waiting : [...fresh, ...waiting].toSorted(newestFirst) };
  return follow ? takenIn(next) : next;
}

/** The waiting rows are shown. */
export const takenIn = ({ shown, waiting }: Rows): Rows =>
  waiting.length === 0 ? { shown, waiting } : { shown: [...waiting, ...shown].toSorted(newestFirst), waiting: [] };
