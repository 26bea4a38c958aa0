import { createHash } from 'node:crypto';
import type { RawRecord } from '@orderflow/kafka';
import type { IncomingEvent, UndecodableRecord } from '../definition/service.js';
import type { Sql } from '../store/sql.js';

/** Longer than the topics keep their records (7 days, and a day of a segment), or a replay of one would find a door open. */
const KEPT_DAYS = 9;

/** Which events a consumer has taken on, in the transaction of their effect. */
export class Inbox {
  /** @param ofEvents false where events are known by their sequence: then only what cannot be read is noted */
  constructor(
    private readonly consumer: string,
    private readonly ofEvents = true,
  ) {}

  /** Takes them on. @returns the ids of those that were not taken on before */
  async admit(
    sql: Sql,
    incoming: readonly (IncomingEvent<unknown> | UndecodableRecord)[],
  ): Promise<ReadonlySet<string>> {
    const isNoted = ({ kind }: IncomingEvent<unknown> | UndecodableRecord) => this.ofEvents || kind === 'undecodable';
    const others = incoming.filter((one) => !isNoted(one)).map(inboxId);
    const noted = incoming.filter(isNoted).map(inboxId);
    if (noted.length === 0) return new Set(others);
    // Sorted: two members that hold the same events would otherwise wait for each other.
    const rows = await sql.query<{ event_id: string }>(
      `INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[])
       ON CONFLICT DO NOTHING RETURNING event_id`,
      [this.consumer, [...new Set(noted)].sort()],
    );
    return new Set([...others, ...rows.map((row) => row.event_id)]);
  }

  /** Forgets what no topic holds any more, a bounded piece at a time. @returns true when there may be more of it */
  async purge(sql: Sql, atOnce = 10_000): Promise<boolean> {
    const [row] = await sql.query<{ purged: number }>(
      `WITH purged AS (
         DELETE FROM inbox WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM inbox WHERE received_at < now() - make_interval(days => $1) LIMIT $2)) RETURNING 1)
       SELECT count(*)::int AS purged FROM purged`,
      [KEPT_DAYS, atOnce],
    );
    return row!.purged === atOnce;
  }
}

/**
 * The id under which something from Kafka stands in the inbox. A record that cannot be read gets one made from where it
 * lies: the id that it claims could be that of a good event, which would then be dropped as a duplicate.
 */
// In lower case, as the database gives it back: an id that is not found again would pass for one that was seen before.
export const inboxId = (incoming: IncomingEvent<unknown> | UndecodableRecord): string =>
  incoming.kind === 'event' ? incoming.context.id.toLowerCase() : recordId(incoming.record);

/** UUIDv8 (RFC 9562) of topic, partition and offset. */
export function recordId({ topic, partition, offset }: Pick<RawRecord, 'topic' | 'partition' | 'offset'>): string {
  const hex = createHash('sha256').update(`${topic}/${partition}/${offset}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
