import { compareTables, endOfPage, Findings, type Judged, type Sql, type TablePair } from '@orderflow/durable';
import { Held, isPruned } from './held.js';
import type { JournalTables } from './journal-tables.js';

/**
 * - `equal`, `wrong`: both tables have the row, with the same content or not; or the live one alone, and nothing explains it.
 * - `kept`: equal, and before the records that the topics held.
 * - `lacking`: the live table lacks the row.
 * - `pruned`: the same, since its order was deleted.
 * - `ahead`: the live order has an event that the other one lacks: it comes with the next records.
 */
type Verdict = 'equal' | 'wrong' | 'kept' | 'lacking' | 'pruned' | 'ahead';

type Tables = TablePair<Verdict>;

/** Below every position. */
export const LOWEST = '-9223372036854775808';
export const HIGHEST = '9223372036854775807';

/** Compares the live tables with the others, and keeps what was found. */
export class JournalComparison {
  readonly findings = new Findings();
  readonly checksums: [live: bigint, rebuilt: bigint] = [0n, 0n];
  rows = 0;
  compared = 0;
  kept = 0;
  /** Orders in which the live table was ahead. */
  readonly ahead = new Set<string>();
  private readonly records: Tables;
  private readonly terms: Tables;
  private readonly heads: Tables;
  private readonly held: Held;

  constructor(tables: JournalTables, prefix: string) {
    this.held = new Held(tables, prefix);
    this.records = recordsOf(tables, this.held);
    this.terms = termsOf(tables);
    this.heads = headsOf(tables);
  }

  /** Records and search terms between two positions. */
  async positions(transaction: Transaction, from: string, to: string, onPage: () => void): Promise<void> {
    const range = 'position > $1::bigint AND position <= $2::bigint';
    for (let after = from; ;) {
      const end = await transaction((sql) => endOfPage(sql, this.records, 'bigint', after));
      if (end === undefined || BigInt(after) >= BigInt(to)) return;
      const upTo = BigInt(end) < BigInt(to) ? end : to;
      await transaction(async (sql) => {
        this.add(await compareTables(sql, this.records, range, [after, upTo, ...this.held.values.slice(0, 2)]));
        this.add(await compareTables(sql, this.terms, range, [after, upTo]));
      });
      onPage();
      after = upTo;
    }
  }

  /** All orders. */
  async orders(transaction: Transaction, onPage: () => void): Promise<void> {
    for (let after = ''; ;) {
      const end = await transaction((sql) => endOfPage(sql, this.heads, 'text', after));
      if (end === undefined) return;
      const judged = await transaction((sql) =>
        compareTables(sql, this.heads, 'order_id > $1::text AND order_id <= $2::text', [after, end]),
      );
      this.add(judged);
      for (const { verdict, pairs } of judged)
        if (verdict === 'ahead') for (const { key } of pairs ?? []) this.ahead.add(key);
      onPage();
      after = end;
    }
  }

  /** These orders, where no more records come: nothing explains a live order that is ahead. */
  async last(sql: Sql, orderIds: readonly string[]): Promise<void> {
    for (const { verdict, pairs } of await compareTables(sql, this.heads, 'order_id = ANY ($1::text[])', [orderIds]))
      if (verdict === 'wrong' || verdict === 'lacking' || verdict === 'ahead')
        this.findings.add(verdict === 'lacking' ? 'lacking' : 'wrong', pairs ?? []);
  }

  private add(judged: readonly Judged<Verdict>[]): void {
    for (const { verdict, rows, live, rebuilt, pairs } of judged) {
      this.rows += rows;
      if (verdict === 'kept') this.kept += rows;
      if (verdict === 'wrong' || verdict === 'lacking') this.findings.add(verdict, pairs ?? []);
      if (verdict !== 'equal' && verdict !== 'wrong') continue;
      this.compared += rows;
      this.checksums[0] ^= BigInt(live);
      this.checksums[1] ^= BigInt(rebuilt);
    }
  }
}

/** Runs work in a transaction, or in the one that there is. */
export type Transaction = <R>(work: (sql: Sql) => Promise<R>) => Promise<R>;

const isEqual = "CASE WHEN live::text = rebuilt::text THEN 'equal' ELSE 'wrong' END";
const either = (column: string): string => `coalesce(live.${column}, rebuilt.${column})`;

const recordsOf = ({ journal }: JournalTables, held: Held): Tables => ({
  live: 'public.journal',
  rebuilt: journal,
  key: ['position'],
  name: `concat_ws('/', ${either('topic')}, ${either('partition')}, ${either('"offset"')})`,
  verdict: `CASE WHEN live.position IS NULL THEN
                   CASE WHEN ${isPruned('rebuilt.subject', 'rebuilt.appended_at')} THEN 'pruned' ELSE 'lacking' END
                 WHEN rebuilt.position IS NULL OR live::text <> rebuilt::text THEN 'wrong'
                 WHEN ${held.isBefore('rebuilt', 3)} THEN 'kept' ELSE 'equal' END`,
  named: ['wrong', 'lacking'],
  // What customers wrote is in the bytes.
  columns: (row) => `to_jsonb(${row}) || jsonb_build_object('value', encode(sha256(${row}.value), 'hex'))`,
});

const termsOf = ({ terms }: JournalTables): Tables => ({
  live: 'public.search_terms',
  rebuilt: terms,
  key: ['kind', 'term', 'position'],
  name: `concat_ws(' ', kind, term, 'of', ${either('subject')})`,
  // The terms of an order that was pruned meanwhile are deleted with its records.
  verdict: `CASE WHEN live.position IS NULL THEN
                   CASE WHEN rebuilt.position > 0 AND NOT EXISTS (SELECT FROM public.journal own
                                                                  WHERE own.position = rebuilt.position) THEN 'pruned'
                        ELSE 'lacking' END
                 WHEN rebuilt.position IS NULL THEN 'wrong' ELSE ${isEqual} END`,
  named: ['wrong', 'lacking'],
});

const headsOf = ({ heads }: JournalTables): Tables => {
  const hasMore = (one: string, two: string) =>
    `EXISTS (SELECT FROM jsonb_each_text(${one}.heard) AS heard (source, number)
             WHERE number::int > coalesce((${two}.heard ->> source)::int, 0))`;
  return {
    live: 'public.heads',
    rebuilt: heads,
    key: ['order_id'],
    name: 'order_id',
    verdict: `CASE WHEN live.order_id IS NULL THEN
                     CASE WHEN ${isPruned('rebuilt.order_id', 'rebuilt.updated_at')} THEN 'pruned' ELSE 'lacking' END
                   WHEN rebuilt.order_id IS NULL OR ${hasMore('live', 'rebuilt')} THEN 'ahead'
                   WHEN ${hasMore('rebuilt', 'live')} THEN 'lacking' ELSE ${isEqual} END`,
    named: ['wrong', 'lacking', 'ahead'],
  };
};
