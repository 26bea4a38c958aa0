import type { ConsumedOffset } from '@orderflow/kafka';
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
}

const columnsOf = (offsets: readonly ConsumedOffset[]) => [
  offsets.map(({ topic }) => topic),
  offsets.map(({ partition }) => partition),
  offsets.map(({ next }) => next),
  offsets.map(({ appendedAt }) => appendedAt),
];
