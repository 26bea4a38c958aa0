import { type Connection, endOfPage, type Sql } from '@orderflow/durable';
import type { EventCodec } from '@orderflow/kafka';
import { type Head, headAfter, isOrderEvent, noHead } from '../../domain/head.js';
import type { Recorded } from '../../domain/journal.js';
import { byAppend } from '../../domain/shown.js';
import { termsOf } from '../../domain/terms.js';
import { rowOf, saveHeads } from '../head-row.js';
import { RECORD_COLUMNS, recordedOf, type RecordRow } from '../journal-row.js';
import { saveTerms, type TermRow } from '../search-terms.js';
import type { JournalTables } from './journal-tables.js';

const ORDERS_AT_ONCE = 200;

/** What follows from the records of some orders. */
interface Folded {
  readonly heads: (readonly [orderId: string, head: Head])[];
  readonly terms: TermRow[];
  readonly repeats: { readonly position: string; readonly repeats: boolean }[];
}

/**
 * Heads, search terms and repeats in the tables beside the live ones, folded from the records there. An order without a head is
 * still to be folded: writing one of its records removes the head, and a run that was ended goes on.
 */
export class ShadowOrders {
  constructor(
    private readonly tables: JournalTables,
    private readonly connection: Connection,
    private readonly codec: Pick<EventCodec, 'decode'>,
  ) {}

  /** Folds every order without a head. @param onProgress called with how many orders were folded */
  async foldAll(onProgress: (done: number) => void): Promise<void> {
    const { journal, heads } = this.tables;
    await this.connection.session((sql) => sql.query(`ANALYZE ${journal}`));
    const subjects = { live: journal, rebuilt: journal, key: ['subject'] };
    for (let after = '', done = 0; ; onProgress(done)) {
      const upTo = await this.connection.session((sql) => endOfPage(sql, subjects, 'text', after));
      if (upTo === undefined) return;
      const page = await this.connection.session((sql) =>
        sql.query<{ subject: string }>(
          `SELECT DISTINCT subject FROM ${journal} WHERE subject > $1 AND subject <= $2 AND why IS NULL
           AND type <> 'ProductChanged' AND NOT EXISTS (SELECT FROM ${heads} WHERE order_id = subject)`,
          [after, upTo],
        ),
      );
      await this.foldThese(page.map(({ subject }) => subject));
      done += page.length;
      after = upTo;
    }
  }

  /** Folds these orders. Other subjects are left out. */
  async foldThese(subjects: readonly string[]): Promise<void> {
    for (let from = 0; from < subjects.length; from += ORDERS_AT_ONCE)
      await this.fold(subjects.slice(from, from + ORDERS_AT_ONCE));
  }

  private async fold(ids: readonly string[]): Promise<void> {
    await this.connection.transaction(async (sql) => {
      const rows = await sql.query<RecordRow>(
        `SELECT ${RECORD_COLUMNS} FROM ${this.tables.journal} WHERE subject = ANY ($1::text[])`,
        [ids],
      );
      const records = await Promise.all(rows.map((row) => recordedOf(row, this.codec)));
      await this.save(sql, foldEach(records));
    });
  }

  private async save(sql: Sql, { heads, terms, repeats }: Folded): Promise<void> {
    await Promise.all([
      sql.query(saveHeads(this.tables.heads), [JSON.stringify(heads.map(([id, head]) => rowOf(id, head)))]),
      sql.query(saveTerms(this.tables.terms), [JSON.stringify(terms)]),
      sql.query(
        `UPDATE ${this.tables.journal} AS record SET repeats = folded.repeats
         FROM unnest($1::bigint[], $2::boolean[]) AS folded (position, repeats)
         WHERE record.position = folded.position AND record.repeats <> folded.repeats`,
        [repeats.map(({ position }) => position), repeats.map((one) => one.repeats)],
      ),
    ]);
  }
}

function foldEach(records: readonly Recorded[]): Folded {
  const folded: Folded = { heads: [], terms: [], repeats: [] };
  for (const [orderId, own] of Map.groupBy(records, ({ subject }) => subject)) {
    let head = noHead;
    for (const { event, appendedAt, position, traceId } of own.toSorted(byAppend)) {
      if (event === undefined || !isOrderEvent(event)) continue;
      const after = headAfter(head, event, appendedAt);
      const repeats = after === head;
      head = after;
      folded.repeats.push({ position, repeats });
      if (!repeats)
        folded.terms.push(...termsOf(event, traceId).map((term) => ({ ...term, position, subject: orderId })));
    }
    if (head !== noHead) folded.heads.push([orderId, head]);
  }
  return folded;
}
