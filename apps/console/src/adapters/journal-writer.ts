import type { Event } from '@orderflow/contracts';
import { type BatchHandler, Connection, GroupOffsets, offsetsAfter, type Sql } from '@orderflow/durable';
import { partitionName, type RawRecord } from '@orderflow/kafka';
import { traceIdOf } from '@orderflow/telemetry';
import { type Head, headAfter, isOrderEvent, noHead } from '../domain/head.js';
import { termsOf } from '../domain/terms.js';
import { HEAD_COLUMNS, headOf, type HeadRow, rowOf, saveHeads } from './head-row.js';
import { type Column, columnsOf, INSERT_JOURNAL, type JournalRow, type Read } from './journal-row.js';
import { withoutText } from './read-record.js';
import { saveTerms, type TermRow } from './search-terms.js';

interface Batch {
  readonly rows: JournalRow[];
  readonly terms: TermRow[];
  readonly heads: Map<string, Head>;
}

/**
 * Writes records, heads, search terms and consumed offsets in one transaction. The row of `journal_end` is locked first and
 * until the commit: members of the group write one after the other, and positions ascend in commit order.
 */
export class JournalWriter implements BatchHandler<Read, void> {
  constructor(
    private readonly connection: Connection,
    private readonly offsets: GroupOffsets<Sql>,
    private readonly consumer: string,
    private readonly prefix: string,
  ) {}

  async handle(batch: readonly Read[]): Promise<readonly void[]> {
    const consumed = offsetsAfter(batch.map(({ record }) => record));
    await this.connection.transaction(async (sql) => {
      const subjects = [...new Set(batch.flatMap((read) => ('event' in read ? [read.event.subject] : [])))];
      // Started together they share a round trip. Each sees what was committed before it runs: the lock comes first.
      const [[end], stored, heads] = await Promise.all([
        sql.query<{ position: string }>('SELECT position FROM journal_end FOR UPDATE'),
        sql.query<{ topic: string; partition: number; next: string }>(
          'SELECT topic, partition, next_offset AS next FROM consumed_offsets WHERE consumer = $1',
          [this.consumer],
        ),
        sql.query<HeadRow>(`SELECT ${HEAD_COLUMNS} FROM heads WHERE order_id = ANY($1::text[])`, [subjects]),
      ]);
      const next = new Map(stored.map((offset) => [partitionName(offset), BigInt(offset.next)]));
      // A record that is delivered again is written once: the offsets were stored with its row.
      const fresh = batch.filter(({ record }) => BigInt(record.offset) >= (next.get(partitionName(record)) ?? 0n));
      const before = new Map(heads.map((row) => [row.orderId, headOf(row)]));
      await this.save(sql, this.fold(fresh, BigInt(end!.position), before), before);
      await this.offsets.advance(sql, consumed);
    });
    this.offsets.learn(consumed);
    return batch.map(() => undefined);
  }

  /** The database refuses a row for what is in it, such as a key with a NUL: it is written without its text. */
  async refused(read: Read, error: unknown): Promise<void> {
    await this.handle([withoutText(read, error)]);
  }

  private fold(reads: readonly Read[], end: bigint, before: ReadonlyMap<string, Head>): Batch {
    const batch: Batch = { rows: [], terms: [], heads: new Map(before) };
    for (const [index, read] of reads.entries()) {
      const position = String(end + BigInt(index) + 1n);
      const traceId = traceIdOf(read.record.headers['traceparent']?.toString() ?? '');
      const event = 'event' in read ? read.event : undefined;
      const repeats = event !== undefined && !this.evolve(batch.heads, event, read.record);
      batch.rows.push({ read, position, traceId, repeats, topic: read.record.topic.slice(this.prefix.length) });
      if (event && !repeats)
        batch.terms.push(...termsOf(event, traceId).map((term) => ({ ...term, position, subject: event.subject })));
    }
    return batch;
  }

  /** @returns whether the event is new */
  private evolve(heads: Map<string, Head>, event: Event, { timestamp }: RawRecord): boolean {
    if (!isOrderEvent(event)) return true;
    const head = heads.get(event.subject) ?? noHead;
    const after = headAfter(head, event, timestamp);
    heads.set(event.subject, after);
    return after !== head;
  }

  private async save(sql: Sql, { rows, terms, heads }: Batch, before: ReadonlyMap<string, Head>): Promise<void> {
    if (rows.length === 0) return;
    const changed = [...heads].filter(([orderId, head]) => head !== before.get(orderId));
    const columns: readonly Column[] = columnsOf(rows);
    await Promise.all([
      sql.query('UPDATE journal_end SET position = $1', [rows.at(-1)!.position]),
      sql.query(INSERT_JOURNAL, columns),
      changed.length > 0 && sql.query(saveHeads(), [JSON.stringify(changed.map(([id, head]) => rowOf(id, head)))]),
      terms.length > 0 && sql.query(saveTerms(), [JSON.stringify(terms)]),
    ]);
  }
}
