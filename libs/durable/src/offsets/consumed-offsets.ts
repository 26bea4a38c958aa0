import type { ConsumedOffset, ExpiredRange } from '@orderflow/kafka';
import type { Sql } from '../store/sql.js';

/** The offsets of one consumer group in the database of its service. */
export interface OffsetTable<Tx> {
  read(tx: Tx): Promise<readonly ConsumedOffset[]>;
  /**
   * Moves offsets forward, each only if its row has reached `since`.
   * @returns how many could be moved: fewer than given where the database is older than this process knew it
   */
  advance(tx: Tx, offsets: readonly Advance[]): Promise<number>;
  /** Sets offsets, also backwards. */
  set(tx: Tx, offsets: readonly ConsumedOffset[]): Promise<void>;
  /**
   * Moves each offset that stands at `first` to `next`, and stores these ranges for an operator.
   * @returns how many could be moved: fewer than given where another instance has moved an offset meanwhile
   */
  skip(tx: Tx, expired: readonly ExpiredRange[]): Promise<number>;
}

/** Everything of the partition from `since` on and before `next` is handled. */
export interface Advance extends ConsumedOffset {
  readonly since: string;
}

/** Advanced in key order: two instances that were given the same partitions could deadlock otherwise. */
export class OffsetRows implements OffsetTable<Sql> {
  constructor(private readonly consumer: string) {}

  read(sql: Sql): Promise<readonly ConsumedOffset[]> {
    return sql.query<ConsumedOffset>(
      `SELECT topic, partition, next_offset::text AS next, appended_at AS "appendedAt"
       FROM consumed_offsets WHERE consumer = $1`,
      [this.consumer],
    );
  }

  async advance(sql: Sql, offsets: readonly Advance[]): Promise<number> {
    // guard: offsets of a partition advance without a gap
    const rows = await sql.query(
      `INSERT INTO consumed_offsets AS stored (consumer, topic, partition, next_offset, appended_at)
       SELECT $1, new.topic, new.partition, next, new.appended_at
       FROM unnest($2::text[], $3::int[], $4::bigint[], $5::timestamptz[], $6::bigint[])
              AS new (topic, partition, next, appended_at, since)
            LEFT JOIN consumed_offsets known
              ON known.consumer = $1 AND known.topic = new.topic AND known.partition = new.partition
       WHERE coalesce(known.next_offset, 0) >= since
       ORDER BY new.topic, new.partition
       ON CONFLICT (consumer, topic, partition) DO UPDATE
         SET next_offset = greatest(stored.next_offset, excluded.next_offset),
             appended_at = greatest(stored.appended_at, excluded.appended_at)
       RETURNING 1`,
      [this.consumer, ...columnsOf(offsets), offsets.map(({ since }) => since)],
    );
    return rows.length;
  }

  async set(sql: Sql, offsets: readonly ConsumedOffset[]): Promise<void> {
    await sql.query(
      `INSERT INTO consumed_offsets (consumer, topic, partition, next_offset, appended_at)
       SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bigint[], $5::timestamptz[])
       ON CONFLICT (consumer, topic, partition) DO UPDATE
         SET next_offset = excluded.next_offset, appended_at = excluded.appended_at`,
      [this.consumer, ...columnsOf(offsets)],
    );
  }

  async skip(sql: Sql, expired: readonly ExpiredRange[]): Promise<number> {
    // One statement, and so one transaction: no offset moves on without the range that it jumps over.
    const rows = await sql.query(
      `WITH moved AS (
         UPDATE consumed_offsets stored SET next_offset = gone.next
         FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS gone (topic, partition, first, next)
         WHERE stored.consumer = $1 AND stored.topic = gone.topic AND stored.partition = gone.partition
           AND stored.next_offset = gone.first
         RETURNING gone.*
       )
       INSERT INTO expired_ranges (consumer, topic, partition, first_offset, next_offset)
       SELECT $1, topic, partition, first, next FROM moved
       RETURNING 1`,
      [
        this.consumer,
        expired.map(({ topic }) => topic),
        expired.map(({ partition }) => partition),
        expired.map(({ first }) => first),
        expired.map(({ next }) => next),
      ],
    );
    return rows.length;
  }
}

const columnsOf = (offsets: readonly ConsumedOffset[]) => [
  offsets.map(({ topic }) => topic),
  offsets.map(({ partition }) => partition),
  offsets.map(({ next }) => next),
  offsets.map(({ appendedAt }) => appendedAt),
];
