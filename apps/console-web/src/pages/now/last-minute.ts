import type { OrderRow } from '@orderflow/console-api';

/** The orders that were placed in the minute before an instant. */
export interface LastMinute {
  /** Placed in each of the sixty seconds, the oldest first. */
  readonly seconds: readonly number[];
  readonly placed: number;
  readonly confirmed: number;
  readonly cancelled: number;
  readonly underWay: number;
  /** From OrderPlaced to the last answer, of half of the settled ones; undefined while none is settled. */
  readonly medianMs: number | undefined;
}

const SECONDS = 60;

/** @param rows orders, in any order @param until in milliseconds */
export function lastMinuteOf(rows: Iterable<OrderRow>, until: number): LastMinute {
  const seconds = Array<number>(SECONDS).fill(0);
  const tally = { placed: 0, confirmed: 0, cancelled: 0, underWay: 0 };
  const took: number[] = [];
  for (const { placedAt, settledAt, settled, status } of rows) {
    const ago = placedAt === null ? -1 : until - Date.parse(placedAt);
    if (placedAt === null || ago < 0 || ago >= SECONDS * 1000) continue;
    seconds[SECONDS - 1 - Math.floor(ago / 1000)]! += 1;
    tally.placed += 1;
    if (!settled) tally.underWay += 1;
    if (status === 'confirmed') tally.confirmed += 1;
    if (status === 'cancelled') tally.cancelled += 1;
    if (settledAt !== null) took.push(Date.parse(settledAt) - Date.parse(placedAt));
  }
  took.sort((a, b) => a - b);
  return { seconds, ...tally, medianMs: took[Math.floor((took.length - 1) / 2)] };
}
