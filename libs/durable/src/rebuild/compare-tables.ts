import type { Sql } from '../store/sql.js';
import type { Pair } from './pair.js';

/** Two tables with the same columns, and how a pair of rows is judged. Expressions know the rows as `live` and `rebuilt`. */
export interface TablePair<Verdict extends string> {
  /** With their schemas. */
  readonly live: string;
  readonly rebuilt: string;
  /** Columns that identify a row. */
  readonly key: readonly string[];
  /** An expression of the key by which a row is named. */
  readonly name: string;
  /** An expression that gives a {@link Verdict}. */
  readonly verdict: string;
  /** Verdicts whose rows are returned. */
  readonly named: readonly Verdict[];
  /** What is returned of a row: by default all columns. */
  readonly columns?: (row: 'live' | 'rebuilt') => string;
}

/** The pairs with one verdict. */
export interface Judged<Verdict extends string> {
  readonly verdict: Verdict;
  readonly rows: number;
  /** The hashes of the rows of each side, combined. Decimal digits. */
  readonly live: string;
  readonly rebuilt: string;
  readonly pairs: readonly Pair[] | null;
}

const toJson = (row: string): string => `to_jsonb(${row})`;

/**
 * Judges the rows of both tables that a condition on the key selects, at one moment.
 * @param values parameters of the condition, and after them those of the verdict
 */
export function compareTables<Verdict extends string>(
  sql: Sql,
  { live, rebuilt, key, name, verdict, named, columns = toJson }: TablePair<Verdict>,
  condition: string,
  values: readonly unknown[],
): Promise<Judged<Verdict>[]> {
  const [first] = key;
  return sql.query<Judged<Verdict>>(
    `SELECT verdict, count(*)::int AS rows,
            coalesce(bit_xor(hashtextextended(live, 0)), 0)::text AS live,
            coalesce(bit_xor(hashtextextended(rebuilt, 0)), 0)::text AS rebuilt,
            jsonb_agg(jsonb_build_object('key', name, 'live', live_row, 'rebuilt', rebuilt_row) ORDER BY name)
              FILTER (WHERE verdict = ANY ($${values.length + 1}::text[])) AS pairs
     FROM (SELECT ${name} AS name, ${verdict} AS verdict, live::text AS live, rebuilt::text AS rebuilt,
                  CASE WHEN live.${first} IS NOT NULL THEN ${columns('live')} END AS live_row,
                  CASE WHEN rebuilt.${first} IS NOT NULL THEN ${columns('rebuilt')} END AS rebuilt_row
           FROM (SELECT * FROM ${live} WHERE ${condition}) live
                FULL JOIN (SELECT * FROM ${rebuilt} WHERE ${condition}) rebuilt USING (${key.join(', ')})) pairs
     GROUP BY verdict`,
    [...values, named],
  );
}

const PAGE = 5_000;

/**
 * The end of the next page of both tables by a key of one column.
 * @returns the last key of the page; undefined behind the last row
 */
export async function endOfPage(
  sql: Sql,
  { live, rebuilt, key: [key] }: Pick<TablePair<never>, 'live' | 'rebuilt' | 'key'>,
  type: 'uuid' | 'bigint' | 'text',
  after: string,
): Promise<string | undefined> {
  const next = (table: string) => `(SELECT ${key} FROM ${table} WHERE ${key} > $1::${type} ORDER BY ${key} LIMIT $2)`;
  const [last] = await sql.query<{ key: string }>(
    `SELECT ${key} AS key FROM (${next(live)} UNION ${next(rebuilt)} ORDER BY ${key} LIMIT $2) page
     ORDER BY ${key} DESC LIMIT 1`,
    [after, PAGE],
  );
  return last?.key;
}
