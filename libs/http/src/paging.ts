import { z } from 'zod';
import { text, wholeNumber } from './fields.js';

/**
 * The query of a list: `after` is the `next` of the previous page, `limit` is 1 to 100 (50).
 * Add filters with `pageQuery.extend({ ... })`; unknown parameters are refused.
 */
export const pageQuery = z.strictObject({
  after: text(200).optional(),
  limit: wholeNumber(1, 100).default(50),
});

/** One page of a list. `next` is the `after` of the next page; null on the last page. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** The schema of a page of `item`, for OpenAPI. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/**
 * Makes a page of rows that were read with `LIMIT limit + 1`: the extra row only shows that there is a next page.
 * @param cursorOf the cursor of the last row of the page
 */
export function pageOf<Row, Item = Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string,
  itemOf: (row: Row) => Item = (row) => row as unknown as Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(itemOf),
    next: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  };
}
