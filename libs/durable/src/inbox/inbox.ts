import { createHash } from 'node:crypto';
import type { RawRecord } from '@orderflow/kafka';
import type { Sql } from '../store/sql.js';
import type { IncomingEvent, UndecodableRecord } from '../transaction/incoming.js';

// Longer than the topics keep their records (7 days, and a day of a segment): a replay must find every id.
// guard: the inbox outlasts every topic
const KEPT_DAYS = 9;

type FromKafka = IncomingEvent<unknown> | UndecodableRecord;

export interface InboxTable<Tx> {
  /** Admits events. @returns the ids of those that were not admitted before */
  admit(tx: Tx, incoming: readonly FromKafka[]): Promise<ReadonlySet<string>>;
  /** Deletes ids that no topic holds any more, a bounded number at a time. @returns true when there may be more */
  purge(tx: Tx, atOnce?: number): Promise<boolean>;
}

/** The events that a consumer has admitted, in the transaction of their effect. */
export class Inbox implements InboxTable<Sql> {
  // Rows that were deleted stay in the index until the next vacuum: each look would read all of them again.
  private purgedUntil = '-infinity';

  /** @param ofEvents false where `decide` recognises duplicates by their sequence: then only undecodable records are noted */
  constructor(
    private readonly consumer: string,
    private readonly ofEvents = true,
  ) {}

  async admit(sql: Sql, incoming: readonly FromKafka[]): Promise<ReadonlySet<string>> {
    const isNoted = ({ kind }: FromKafka) => this.ofEvents || kind === 'undecodable';
    const others = incoming.filter((one) => !isNoted(one)).map(inboxId);
    const noted = incoming.filter(isNoted).map(inboxId);
    if (noted.length === 0) return new Set(others);
    // Sorted: two instances with the same events would otherwise deadlock.
    const rows = await sql.query<{ event_id: string }>(
      `INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::uuid[])
       ON CONFLICT DO NOTHING RETURNING event_id`,
      [this.consumer, [...new Set(noted)].sort()],
    );
    // guard: the inbox admits an event once
    return new Set([...others, ...rows.map((row) => row.event_id)]);
  }

  async purge(sql: Sql, atOnce = 10_000): Promise<boolean> {
    // guard: the purge reads the oldest ids only
    const [row] = await sql.query<{ purged: number; until: string | null }>(
      `WITH purged AS (
         DELETE FROM inbox WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM inbox
           WHERE received_at >= $3::timestamptz AND received_at < now() - make_interval(days => $1)
           ORDER BY received_at LIMIT $2)) RETURNING received_at)
       SELECT count(*)::int AS purged, max(received_at)::text AS until FROM purged`,
      [KEPT_DAYS, atOnce, this.purgedUntil],
    );
    this.purgedUntil = row!.until ?? this.purgedUntil;
    return row!.purged === atOnce;
  }
}

/**
 * The id of a record in the inbox. An undecodable record gets one made from its position: the id that it
 * claims could be that of a good event, which would then be dropped as a duplicate.
 */
// In lower case, as the database returns it: otherwise an admitted id would be taken for a duplicate.
// guard: an undecodable record is in the inbox under its offset, not under the id that it claims
export const inboxId = (incoming: FromKafka): string =>
  incoming.kind === 'event' ? incoming.context.id.toLowerCase() : recordId(incoming.record);

/**
 * UUIDv8 (RFC 9562) of a record's place, append time and bytes: where a topic was deleted and created again, another record has
 * the same place.
 */
// guard: another record at the same offset of a topic that was created again has another id
export function recordId({ topic, partition, offset, timestamp, key, value, omitted }: RawRecord): string {
  const hash = createHash('sha256').update(
    `${topic}/${partition}/${offset}/${timestamp.getTime()}/${omitted?.sha256 ?? ''}`,
  );
  for (const bytes of [key, value]) hash.update(`/${bytes?.length ?? -1}/`).update(bytes ?? '');
  const hex = hash.digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
