import { orTransientError, type Database, type Sql } from '@orderflow/durable';
import type { EventCodec } from '@orderflow/kafka';
import type { Held } from '../domain/breaks.js';
import type {
  Counts,
  FoundOrder,
  Journal,
  ListedHead,
  ListFilter,
  Place,
  Recorded,
  TroubleCounts,
  TroubleQuestion,
} from '../domain/journal.js';
import type { Term } from '../domain/terms.js';
import { countsOf, listOf, troublesOf } from './head-list.js';
import { HEAD_COLUMNS, headOf, type HeadRow } from './head-row.js';
import { RECORD_COLUMNS, recordedOf, type RecordRow } from './journal-row.js';
import type { JournalConsumer } from './journal-consumer.js';
import type { Reach } from './reach.js';

/** Reads the journal, each question by an index. */
export class PostgresJournal implements Journal {
  private readonly sql: Sql;

  constructor(
    database: Database,
    private readonly codec: Pick<EventCodec, 'decode'>,
    private readonly reach: Reach,
    private readonly consumer: Pick<JournalConsumer, 'onWritten'>,
  ) {
    this.sql = orTransientError(database);
  }

  recordsOf(subject: string): Promise<Recorded[]> {
    return this.records('WHERE subject = $1 ORDER BY position', [subject]);
  }

  async recordsOfEach(subjects: readonly string[]): Promise<ReadonlyMap<string, readonly Recorded[]>> {
    const records = await this.records('WHERE subject = ANY($1::text[]) ORDER BY position', [subjects]);
    return Map.groupBy(records, ({ subject }) => subject);
  }

  async byEventId(eventId: string): Promise<Recorded | undefined> {
    return (await this.records('WHERE event_id = $1 ORDER BY position LIMIT 1', [eventId]))[0];
  }

  async byPlace({ topic, partition, offset }: Place): Promise<Recorded | undefined> {
    const where = 'WHERE topic = $1 AND partition = $2 AND "offset" = $3 ORDER BY position DESC LIMIT 1';
    return (await this.records(where, [topic, partition, offset]))[0];
  }

  async heads(orderIds: readonly string[]): Promise<ListedHead[]> {
    const text = `SELECT ${HEAD_COLUMNS} FROM heads WHERE order_id = ANY($1::text[])`;
    return (await this.sql.query<HeadRow>(text, [orderIds])).map(listedOf);
  }

  async list(filter: ListFilter, count: number): Promise<ListedHead[]> {
    const { text, values } = listOf(filter, count);
    return (await this.sql.query<HeadRow>(text, values)).map(listedOf);
  }

  async counts(at: Date | undefined, most: number): Promise<Counts> {
    const { text, values } = countsOf(at, most);
    const [row] = await this.sql.query<Counts>(text, values);
    return row!;
  }

  async countTroubled(question: TroubleQuestion, most: number): Promise<TroubleCounts> {
    const { text, values } = troublesOf(question, most);
    const [row] = await this.sql.query<TroubleCounts>(text, values);
    return row!;
  }

  async heldAt(instant: Date): Promise<Held> {
    // The lower bound keeps the index small that is read for those that have settled since.
    const [row] = await this.sql.query<{ held: number; waiting: number; last: Date | null }>(
      `SELECT count(*)::int AS held, count(*) FILTER (WHERE NOT settled)::int AS waiting, max(settled_at) AS last
       FROM heads WHERE placed_at > $1::timestamptz - interval '1 hour' AND placed_at <= $1
       AND (NOT settled OR settled_at > $1)`,
      [instant],
    );
    return { held: row!.held, waiting: row!.waiting, lastSettledAt: row!.last ?? undefined };
  }

  async ordersBy(terms: readonly Term[], count: number): Promise<FoundOrder[]> {
    const values: unknown[] = [count];
    const bind = (value: unknown) => `$${values.push(value)}`;
    // One statement for all terms; each look is by the index, and stops after its newest rows.
    const looks = terms.map(
      ({ kind, term }, place) =>
        `(SELECT ${place} AS place, kind, subject, position FROM search_terms
          WHERE kind = ${bind(kind)} AND term = ${bind(term)} ORDER BY position DESC LIMIT $1)`,
    );
    const rows = await this.sql.query<FoundOrder>(
      `SELECT kind, subject AS "orderId" FROM (${looks.join(' UNION ALL ')}) AS found ORDER BY place, position DESC`,
      values,
    );
    const seen = new Set<string>();
    return rows.filter(({ kind, orderId }) => seen.size < seen.add(`${kind} ${orderId}`).size);
  }

  onWritten(listener: () => void): () => void {
    return this.consumer.onWritten(listener);
  }

  async end(): Promise<string> {
    const [row] = await this.sql.query<{ position: string }>('SELECT position FROM journal_end');
    return row!.position;
  }

  async changedBetween(from: string, to: string): Promise<string[]> {
    const rows = await this.sql.query<{ subject: string }>(
      `SELECT DISTINCT subject FROM journal
       WHERE position > $1 AND position <= $2 AND (why IS NOT NULL OR type <> 'ProductChanged')`,
      [from, to],
    );
    return rows.map(({ subject }) => subject);
  }

  async since(): Promise<Date | undefined> {
    // An older record may be that of an order that is not settled, or a price: others of its time are gone.
    const [row] = await this.sql.query<{ at: Date | null }>(
      `SELECT greatest((SELECT pruned_before FROM journal_end),
                       (SELECT appended_at FROM journal ORDER BY appended_at LIMIT 1)) AS at`,
    );
    return row!.at ?? undefined;
  }

  through(): Promise<Date> {
    return this.reach.through();
  }

  private async records(where: string, values: readonly unknown[]): Promise<Recorded[]> {
    const rows = await this.sql.query<RecordRow>(`SELECT ${RECORD_COLUMNS} FROM journal ${where}`, values);
    return Promise.all(rows.map((row) => recordedOf(row, this.codec)));
  }
}

const listedOf = (row: HeadRow): ListedHead => ({ orderId: row.orderId, head: headOf(row) });
