import { StartError } from '@orderflow/config';
import {
  Batcher,
  type BatchHandler,
  type Connection,
  type Database,
  endOfPage,
  type Groups,
  OffsetRows,
  offsetsAfter,
  readBehind,
  systemClock,
} from '@orderflow/durable';
import { type EventCodec, type KafkajsBroker, partitionName, type RawRecord } from '@orderflow/kafka';
import { traceIdOf } from '@orderflow/telemetry';
import { GROUP, journalTopics } from '../journal-consumer.js';
import { columnsOf, type JournalRow, type Read, WRITTEN, WRITTEN_COLUMNS } from '../journal-row.js';
import { readRecord, withoutText } from '../read-record.js';
import { Held, isPruned } from './held.js';
import type { JournalTables } from './journal-tables.js';

/** What a rebuild works on. */
export interface RebuildParts {
  readonly database: Database;
  readonly broker: Pick<KafkajsBroker, 'readLog'>;
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly prefix: string;
}

/**
 * The records in a table beside the live journal: those of the topics, never further than the live group has consumed, and
 * those that the topics hold no more. A record has the position of its live row. One that the live journal lacks has a negative
 * position until the switch.
 */
export class ShadowJournal implements BatchHandler<Read, void> {
  /** Orders with records that were written since it was last emptied. */
  readonly changed = new Set<string>();
  private readonly batcher = new Batcher<Read, void>(this, systemClock);
  private readonly held: Held;
  private readonly offsets: OffsetRows;

  constructor(
    private readonly tables: JournalTables,
    private readonly connection: Connection,
    private readonly parts: RebuildParts,
  ) {
    this.held = new Held(tables, parts.prefix);
    this.offsets = new OffsetRows(tables.group);
  }

  /**
   * Reads to the offsets that the live group has now.
   * @returns how many records there were, and a position: the live rows up to it have been read, or the topics lack them
   */
  async catchUp(onProgress?: (done: number, total: number) => void): Promise<{ total: number; upTo: string }> {
    const { database, broker, codec, prefix } = this.parts;
    // Before the offsets: a row and the offset behind it are committed together.
    const [end] = await database.query<{ position: string }>('SELECT position FROM journal_end');
    const groups: Groups = {
      live: await new OffsetRows(GROUP).read(database),
      behind: await this.offsets.read(database),
    };
    demandSameLogs(groups, this.tables);
    const onRecords = async (records: readonly RawRecord[]): Promise<void> => {
      const reads: Read[] = [];
      for (const record of records) reads.push(await readRecord(record, codec, prefix));
      await Promise.all(reads.map(async (read) => this.batcher.submit(read)));
    };
    const { total, reached } = await readBehind(broker, journalTopics(prefix), groups, onRecords, onProgress);
    // Also where the topics hold nothing up to there: it would be read for ever. The rows in between are gone from them.
    const ends = (['topic', 'partition', 'next'] as const).map((name) => reached.map((one) => one[name]));
    await this.connection.transaction(async (sql) => {
      await sql.query(NOTE_GONE, [this.tables.first, this.tables.group, this.held.compacted, ...ends]);
      await this.offsets.set(sql, reached);
    });
    return { total, upTo: end!.position };
  }

  /** The batcher's. Rows and offsets are one transaction: no record is written twice. */
  async handle(batch: readonly Read[]): Promise<readonly void[]> {
    const { heads } = this.tables;
    await this.connection.transaction(async (sql) => {
      const subjects = batch.flatMap((read) => ('event' in read ? [read.event.subject] : []));
      const records = batch.map(({ record }) => record);
      await Promise.all([
        sql.query(NOTE_FIRST, [this.tables.first, this.tables.group, this.held.compacted, ...firstOf(records)]),
        sql.query(this.insert(), [...columnsOf(this.rowsOf(batch)), this.tables.first, this.parts.prefix]),
        // It is folded again.
        sql.query(`DELETE FROM ${heads} WHERE order_id = ANY ($1::text[])`, [subjects]),
        this.offsets.set(sql, offsetsAfter(records)),
      ]);
      for (const subject of subjects) this.changed.add(subject);
    });
    return batch.map(() => undefined);
  }

  async refused(read: Read, error: unknown): Promise<void> {
    await this.handle([withoutText(read, error)]);
  }

  /** Copies the live rows between two positions that the topics hold no more. */
  async keep(from: string, to: string): Promise<void> {
    const live = { live: 'public.journal', rebuilt: 'public.journal', key: ['position'] };
    for (let after = from; BigInt(after) < BigInt(to);) {
      const upTo = await this.connection.session((sql) => endOfPage(sql, live, 'bigint', after));
      if (upTo === undefined) return;
      await this.keepPage(after, BigInt(upTo) < BigInt(to) ? upTo : to);
      after = upTo;
    }
  }

  /** Topics may hold records of orders that were pruned: they are left out again. */
  async forgetPruned(): Promise<void> {
    const { journal } = this.tables;
    await this.connection.session((sql) =>
      sql.query(
        `DELETE FROM ${journal} record WHERE position < 0 AND ${isPruned('record.subject', 'record.appended_at')}`,
      ),
    );
  }

  private async keepPage(after: string, upTo: string): Promise<void> {
    const { journal, heads } = this.tables;
    const kept = await this.connection.transaction((sql) =>
      sql.query<{ subject: string }>(
        `WITH kept AS (
           INSERT INTO ${journal} SELECT live.* FROM public.journal live
           WHERE position > $1::bigint AND position <= $2::bigint
           AND NOT EXISTS (SELECT FROM ${journal} other WHERE other.position = live.position
                           AND other.position > $1::bigint AND other.position <= $2::bigint)
           AND ${this.held.isGone('live', 3)}
           RETURNING subject
         ), stale AS (DELETE FROM ${heads} WHERE order_id IN (SELECT subject FROM kept))
         SELECT DISTINCT subject FROM kept`,
        [after, upTo, ...this.held.values],
      ),
    );
    for (const { subject } of kept) this.changed.add(subject);
  }

  private rowsOf(batch: readonly Read[]): JournalRow[] {
    return batch.map((read, index) => ({
      read,
      // Its number in the batch: the statement knows the position.
      position: String(index),
      traceId: traceIdOf(read.record.headers['traceparent']?.toString() ?? ''),
      topic: read.record.topic.slice(this.parts.prefix.length),
      // As the order is folded.
      repeats: false,
    }));
  }

  /** With the position of the live row of the same place. Of a topic that was created again there may be an older one. */
  private insert(): string {
    const next = `(SELECT least(min(position), 0) FROM ${this.tables.journal})
                  - row_number() OVER (PARTITION BY live.position IS NULL ORDER BY record.position)`;
    const columns = WRITTEN_COLUMNS.map((column) => {
      if (column === 'position') return `coalesce(live.position, ${next})`;
      return column === 'repeats' ? 'coalesce(live.repeats, false)' : `record.${column}`;
    });
    return `
      INSERT INTO ${this.tables.journal} (${WRITTEN_COLUMNS.join(', ')}, recorded_at)
      SELECT ${columns.join(', ')}, coalesce(live.recorded_at, now())
      FROM ${WRITTEN} AS record (${WRITTEN_COLUMNS.join(', ')})
      LEFT JOIN LATERAL (
        SELECT position, recorded_at, repeats FROM public.journal live
        WHERE live.topic = record.topic AND live.partition = record.partition AND live."offset" = record."offset"
        AND (live.value = record.value
             OR live.appended_at >= (SELECT first.appended_at FROM consumed_offsets first WHERE first.consumer = $19::text
                                     AND first.topic = $20::text || record.topic AND first.partition = record.partition))
        ORDER BY (live.appended_at = record.appended_at) DESC, position LIMIT 1) live ON true`;
  }
}

/** Of a topic that was created again since, the records up to the offsets of the other group would not be read. */
function demandSameLogs({ live, behind }: Groups, { journal }: JournalTables): void {
  const ends = new Map(live.map((one) => [partitionName(one), BigInt(one.next)]));
  const newer = behind.find((one) => BigInt(one.next) > (ends.get(partitionName(one)) ?? 0n));
  if (newer !== undefined)
    throw new StartError(`${newer.topic} was created again since ${journal} was filled: drop it, and begin again`);
}

// Records that expired since the last ones were read leave a gap: the topics hold those behind it. Compaction leaves gaps, too.
const NOTE_FIRST = `
  INSERT INTO consumed_offsets AS first (consumer, topic, partition, next_offset, appended_at)
  SELECT $1, * FROM unnest($4::text[], $5::int[], $6::bigint[], $7::timestamptz[])
  ON CONFLICT (consumer, topic, partition) DO UPDATE
    SET next_offset = excluded.next_offset, appended_at = excluded.appended_at
    WHERE NOT first.topic = ANY ($3::text[])
    AND excluded.next_offset > (SELECT read.next_offset FROM consumed_offsets read WHERE read.consumer = $2
                                AND read.topic = first.topic AND read.partition = first.partition)`;

const NOTE_GONE = `
  UPDATE consumed_offsets first SET next_offset = reached.next
  FROM unnest($4::text[], $5::int[], $6::bigint[]) AS reached (topic, partition, next), consumed_offsets read
  WHERE first.consumer = $1 AND first.topic = reached.topic AND first.partition = reached.partition
  AND read.consumer = $2 AND read.topic = reached.topic AND read.partition = reached.partition
  AND read.next_offset < reached.next AND NOT first.topic = ANY ($3::text[])`;

/** The first record of each partition. */
function firstOf(records: readonly RawRecord[]): unknown[][] {
  const first = new Map(records.toReversed().map((record) => [partitionName(record), record]));
  const values = [...first.values()];
  return (['topic', 'partition', 'offset', 'timestamp'] as const).map((name) => values.map((record) => record[name]));
}
