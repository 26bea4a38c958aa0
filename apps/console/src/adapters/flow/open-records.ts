import { orTransientError, type Sql } from '@orderflow/durable';
import type { PartitionLag } from '@orderflow/kafka';

/** The next record of a partition that a group has not read. */
export interface OpenPlace {
  /** Without prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly next: string;
}

/** The partitions in which a group is behind. */
export const openPlaces = (lags: readonly PartitionLag[], prefix: string): OpenPlace[] =>
  lags
    .filter(({ records }) => records > 0)
    .map(({ topic, partition, next }) => ({ topic: topic.slice(prefix.length), partition, next }));

/** How old records are that a group has not read: the journal has each with the instant at which it was appended. */
export class OpenRecords {
  private readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = orTransientError(sql);
  }

  /** When the oldest of them was appended; undefined where there are none, or the journal has not read them itself. */
  async oldest(places: readonly OpenPlace[]): Promise<Date | undefined> {
    if (places.length === 0) return undefined;
    const [row] = await this.sql.query<{ at: Date | null }>(
      `SELECT min(first.appended_at) AS at
       FROM unnest($1::text[], $2::int[], $3::bigint[]) AS open(topic, partition, next)
       CROSS JOIN LATERAL (
         SELECT appended_at FROM journal
         WHERE topic = open.topic AND partition = open.partition AND "offset" >= open.next
         ORDER BY "offset" LIMIT 1
       ) AS first`,
      [places.map(({ topic }) => topic), places.map(({ partition }) => partition), places.map(({ next }) => next)],
    );
    return row?.at ?? undefined;
  }
}
