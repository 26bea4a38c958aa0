import { BrokenRule } from '@orderflow/decider';
import type { OutgoingRecord } from '@orderflow/kafka';
import type { Sql } from '../store/sql.js';

/** Relays share the work by shard. A key belongs to one shard, so its events stay in order. */
export const SHARDS = 4;

// Below the broker's limit of 1 MiB, with room for the overhead of a batch.
// guard: a record too large for the broker is refused before the commit
const MAX_VALUE_BYTES = 900_000;

// One read returns at most this, or one row: its rows may all be of one partition, and then the producer makes one batch of
// them, which the broker measures against the same limit.
const BATCH_BYTES = MAX_VALUE_BYTES;

/** The row as the relay reads it. */
export interface OutboxRow extends OutgoingRecord {
  readonly id: string;
  readonly createdAt: Date;
  /** Whether the read has found no other row behind it. */
  readonly isLast: boolean;
}

export interface OutboxTable<Tx> {
  /** Appends in the order given. The caller holds the locks of the orders, so the ids of one order ascend in commit order. */
  append(tx: Tx, records: readonly OutgoingRecord[]): Promise<void>;
  /**
   * The oldest rows of these shards. There is no cursor, so a row that commits late under a lower id is found. A rejected row
   * holds back its own key only.
   */
  unsent(tx: Tx, shards: readonly number[], limit: number): Promise<OutboxRow[]>;
  /** Deletes acknowledged rows. */
  sent(tx: Tx, rows: readonly OutboxRow[]): Promise<void>;
  /** Deletes the rows of events that are in the topics already. */
  published(tx: Tx, eventIds: readonly string[]): Promise<void>;
  /** Marks a row that the broker refuses for its content. */
  rejected(tx: Tx, row: OutboxRow, reason: string): Promise<void>;
}

/** @returns 0 to SHARDS - 1, the same for the same key (FNV-1a) */
export function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SHARDS;
}

/** Whether the broker accepts a value of this size. */
export const isSendable = (value: Buffer): boolean => value.length <= MAX_VALUE_BYTES;

/** An event whose record the broker would refuse for its size. */
export class RecordTooLarge extends BrokenRule {
  readonly mostBytes = MAX_VALUE_BYTES;

  constructor(readonly bytes: number) {
    super(`a record of ${bytes} bytes is too large, at most ${MAX_VALUE_BYTES} are possible`, 'record-too-large');
  }
}

/** @throws RecordTooLarge if the broker would refuse the record for its size: here only the record's own command fails */
export function assertSendable(record: OutgoingRecord): OutgoingRecord {
  if (!isSendable(record.value)) throw new RecordTooLarge(record.value.length);
  return record;
}

/** Records to be published, committed together with the effect that they announce. */
export class Outbox implements OutboxTable<Sql> {
  async append(sql: Sql, records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    await sql.query(
      `INSERT INTO outbox (shard, topic, key, value, headers)
       SELECT shard, topic, key, value, headers
       FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bytea[], $5::jsonb[])
            WITH ORDINALITY AS r (shard, topic, key, value, headers, position)
       ORDER BY position`,
      [
        records.map((record) => shardOf(record.key)),
        records.map((record) => record.topic),
        records.map((record) => record.key),
        records.map((record) => record.value),
        records.map((record) => JSON.stringify(record.headers)),
      ],
    );
  }

  // ORDER BY o.id: a plain id would be the one of the result, which is text, and there 10 comes before 9.
  async unsent(sql: Sql, shards: readonly number[], limit: number): Promise<OutboxRow[]> {
    // guard: the relay has no cursor: a lower id that is committed late is found
    // guard: the outbox is read in the order of its ids, as numbers
    // guard: a rejected row holds back its own key
    return sql.query<OutboxRow>(
      `SELECT id::text, topic, key, value, headers, created_at AS "createdAt",
              position = found AND found < $2 AS "isLast"
       FROM (SELECT *, sum(octet_length(value)) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS position,
                    count(*) OVER () AS found
             FROM (SELECT * FROM outbox o
                   WHERE shard = ANY ($1::smallint[])
                     AND NOT EXISTS (SELECT 1 FROM outbox r WHERE r.rejected_at IS NOT NULL AND r.key = o.key)
                   ORDER BY o.id LIMIT $2) oldest) o
       WHERE bytes <= $3 OR position = 1 ORDER BY o.id`,
      [shards, limit, BATCH_BYTES],
    );
  }

  async sent(sql: Sql, rows: readonly OutboxRow[]): Promise<void> {
    await sql.query(`DELETE FROM outbox WHERE id = ANY ($1::bigint[])`, [rows.map((row) => row.id)]);
  }

  async published(sql: Sql, eventIds: readonly string[]): Promise<void> {
    await sql.query(`DELETE FROM outbox WHERE headers->>'ce_id' = ANY ($1::text[])`, [eventIds]);
  }

  async rejected(sql: Sql, row: OutboxRow, reason: string): Promise<void> {
    await sql.query(`UPDATE outbox SET rejected_at = now(), rejected_reason = $2 WHERE id = $1`, [row.id, reason]);
  }

  /**
   * @returns how many rows wait (up to 10,000 exactly, above that PostgreSQL's estimate), the age of the oldest one that may be
   * sent (ms), and how many are rejected
   */
  async state(sql: Sql): Promise<{ pending: number; oldestAgeMs: number; rejected: number }> {
    const [row] = await sql.query<{ pending: number; oldestAgeMs: number; rejected: number }>(STATE, [COUNTED]);
    const { pending, ...state } = row!;
    return { ...state, pending: pending <= COUNTED ? pending : Math.max(pending, await estimated(sql)) };
  }
}

// An outage of the broker leaves a million rows behind: a count of all of them would time out, in each scrape and each request.
const COUNTED = 10_000;

const WAITING = 'FROM outbox WHERE rejected_at IS NULL';

// In the order of the ids: a scan of the table would wade through the pages of the rows that were sent.
const STATE = `
  SELECT (SELECT count(*) FROM (SELECT 1 ${WAITING} ORDER BY id LIMIT $1 + 1) AS oldest)::int AS pending,
         coalesce((SELECT round(extract(epoch FROM now() - created_at) * 1000) FROM outbox o
                   WHERE NOT EXISTS (SELECT 1 FROM outbox r WHERE r.rejected_at IS NOT NULL AND r.key = o.key)
                   ORDER BY id LIMIT 1), 0)::float8 AS "oldestAgeMs",
         (SELECT count(*) FROM outbox WHERE rejected_at IS NOT NULL)::int AS rejected`;

async function estimated(sql: Sql): Promise<number> {
  const [explained] = await sql.query<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT 1 ${WAITING}`,
  );
  return explained!['QUERY PLAN'][0].Plan['Plan Rows'];
}
