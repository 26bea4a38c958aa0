import type { Sql } from '../store/sql.js';

/** How far the service has published to one partition. */
export interface PublishedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The offset after the first record of the newest acknowledged batch, decimal digits. */
  readonly next: string;
  /** How many offsets the broker was found to have lost; 0 for none. */
  readonly lost: bigint;
}

/** How far the service has published to each partition of its topics, for all of its instances. */
export class PublishedOffsets {
  constructor(private readonly database: Sql) {}

  async read(topics: readonly string[]): Promise<readonly PublishedOffset[]> {
    const rows = await this.database.query<PublishedOffset & { lost: string }>(
      `SELECT topic, partition, next_offset::text AS next, lost::text AS lost
       FROM published_offsets WHERE topic = ANY ($1::text[]) ORDER BY topic, partition`,
      [topics],
    );
    return rows.map((row) => ({ ...row, lost: BigInt(row.lost) }));
  }

  /** Moves offsets forward. Where records are lost the offset stays: the log begins anew. */
  async advance(offsets: readonly PublishedOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    // In key order, else two instances could deadlock. A row that would not change is not written again.
    await this.database.query(
      `INSERT INTO published_offsets AS stored (topic, partition, next_offset)
       SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[]) AS new (topic, partition, next) ORDER BY topic, partition
       ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
         WHERE stored.lost = 0 AND stored.next_offset < excluded.next_offset`,
      columnsOf(offsets),
    );
  }

  async noteLost(offsets: readonly PublishedOffset[]): Promise<void> {
    await this.database.query(
      `INSERT INTO published_offsets AS stored (topic, partition, next_offset, lost)
       SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS new (topic, partition, next, lost)
       ORDER BY topic, partition
       ON CONFLICT (topic, partition) DO UPDATE SET lost = excluded.lost WHERE stored.lost < excluded.lost`,
      [...columnsOf(offsets), offsets.map(({ lost }) => String(lost))],
    );
  }
}

/** Forgets the logs of these topics: what they held is in the outbox again. */
export const forgetPublished = async (sql: Sql, topics: readonly string[]): Promise<void> => {
  await sql.query('DELETE FROM published_offsets WHERE topic = ANY ($1::text[])', [topics]);
};

const columnsOf = (offsets: readonly PublishedOffset[]) => [
  offsets.map(({ topic }) => topic),
  offsets.map(({ partition }) => partition),
  offsets.map(({ next }) => next),
];
