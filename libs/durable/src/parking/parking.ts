import type { OutgoingRecord, RawRecord } from '@orderflow/kafka';
import type { Service } from '@orderflow/contracts';
import { deadLetterOf, MAX_ATTEMPTS } from './dead-letter.js';
import { inboxId } from '../inbox/inbox.js';
import type { Sql } from '../store/sql.js';
import type { IncomingEvent, UndecodableRecord, WhyParked } from '../transaction/incoming.js';

const BACKOFF_SECONDS = 0.5;
const MAX_BACKOFF_SECONDS = 60;

// Ten attempts, and those before an operator's retries: enough to see how the failure changed.
const FAILURES_KEPT = 50;

// One round retries at most this much, and one record more.
const DUE_BYTES = 8 * 1024 * 1024;

/** A record to park, with the reason. */
export interface ToPark extends WhyParked {
  readonly incoming: IncomingEvent<unknown> | UndecodableRecord;
}

/** A retry: its row, and its inbox id as the record is decoded now. */
export interface Retry {
  readonly parkedId: string;
  readonly subject: string;
  readonly eventId: string;
}

/** The first of a subject's queue, due for a retry. */
export interface ParkedRecord {
  readonly id: string;
  readonly subject: string;
  readonly record: RawRecord;
}

export interface ParkingTable<Tx> {
  /** @returns those of the subjects that have a parked record */
  holds(tx: Tx, subjects: readonly string[]): Promise<Set<string>>;
  /**
   * Locks the rows of the retries, and copies of their events further back in the same queues.
   * @returns those that still exist: the inbox id of each, by id of the row
   */
  take(tx: Tx, retries: readonly Retry[]): Promise<ReadonlyMap<string, string>>;
  /** Parks in the order given. */
  park(tx: Tx, parked: readonly ToPark[]): Promise<void>;
  unpark(tx: Tx, ids: readonly string[]): Promise<void>;
  /** Notes failed retries. @returns dead letters to publish: the records whose attempts are used up now */
  failedAgain(tx: Tx, failed: readonly ToPark[]): Promise<OutgoingRecord[]>;
  /** The first records of queues whose next attempt is due. */
  due(tx: Tx, limit: number): Promise<ParkedRecord[]>;
}

/**
 * Records that could not be handled, and behind each the later records of the same subject, in order. Other subjects flow.
 * A retry takes the first record of a queue only; the next ones follow when it is handled or discarded.
 */
export class Parking implements ParkingTable<Sql> {
  constructor(
    private readonly service: Service,
    private readonly consumer: string,
    private readonly topicPrefix: string,
  ) {}

  async holds(sql: Sql, subjects: readonly string[]): Promise<Set<string>> {
    if (subjects.length === 0) return new Set();
    const rows = await sql.query<{ subject: string }>(
      `SELECT DISTINCT subject FROM parked WHERE consumer = $1 AND subject = ANY ($2::text[])`,
      [this.consumer, subjects],
    );
    return new Set(rows.map((row) => row.subject));
  }

  async take(sql: Sql, retries: readonly Retry[]): Promise<ReadonlyMap<string, string>> {
    if (retries.length === 0) return new Map();
    // guard: a parked record is retried by one service instance at a time
    const rows = await sql.query<{ id: string; eventId: string }>(
      `SELECT id::text, event_id AS "eventId" FROM parked
       WHERE id = ANY ($1::bigint[])
          OR (consumer = $2 AND subject = ANY ($3::text[]) AND event_id = ANY ($4::uuid[]))
       ORDER BY parked.id FOR UPDATE`,
      [
        retries.map(({ parkedId }) => parkedId),
        this.consumer,
        retries.map(({ subject }) => subject),
        retries.map(({ eventId }) => eventId),
      ],
    );
    return new Map(rows.map((row) => [row.id, row.eventId]));
  }

  async park(sql: Sql, parked: readonly ToPark[]): Promise<void> {
    if (parked.length === 0) return;
    const records = parked.map(({ incoming }) => incoming.record);
    await sql.query(
      `INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, key, value, headers, kind, reason, failures, next_attempt_at)
       SELECT $1, subject, event_id, topic, partition, "offset", appended_at, key, value, headers, kind, reason,
              CASE WHEN kind = 'blocked' THEN '[]' ELSE jsonb_build_array(jsonb_build_object('at', now(), 'reason', reason)) END, now()
       FROM unnest($2::text[], $3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::timestamptz[], $8::bytea[], $9::bytea[], $10::jsonb[], $11::text[], $12::text[])
            WITH ORDINALITY AS r (subject, event_id, topic, partition, "offset", appended_at, key, value, headers, kind, reason, position)
       ORDER BY position`,
      [
        this.consumer,
        parked.map(({ incoming }) => incoming.subject),
        parked.map(({ incoming }) => inboxId(incoming)),
        records.map((record) => record.topic),
        records.map((record) => record.partition),
        records.map((record) => record.offset),
        records.map((record) => record.timestamp),
        records.map((record) => record.key),
        records.map((record) => record.value),
        records.map((record) => JSON.stringify(base64(record.headers))),
        parked.map(({ why }) => why),
        parked.map(({ reason }) => reason),
      ],
    );
  }

  async unpark(sql: Sql, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await sql.query(`DELETE FROM parked WHERE id = ANY ($1::bigint[])`, [ids]);
  }

  async failedAgain(sql: Sql, failed: readonly ToPark[]): Promise<OutgoingRecord[]> {
    if (failed.length === 0) return [];
    // A record that is decodable by now is in the inbox under its event's own id from here on.
    const rows = await sql.query<{ id: string; attempts: number; parkedAt: Date; failedAt: Date }>(
      `UPDATE parked SET attempts = attempts + 1, kind = again.kind, reason = again.reason,
              failures = CASE WHEN jsonb_array_length(failures) < $7 THEN failures ELSE failures - 0 END
                || jsonb_build_object('at', now(), 'reason', again.reason),
              event_id = coalesce(again.event_id, parked.event_id),
              dead_at = CASE WHEN attempts + 1 >= $4 THEN now() END,
              next_attempt_at = now() + make_interval(secs =>
                least($6::float8, $5::float8 * 2 ^ least(attempts, 30)) * (0.5 + random() / 2))
       FROM unnest($1::bigint[], $2::text[], $3::uuid[], $8::text[]) AS again (id, reason, event_id, kind)
       WHERE parked.id = again.id RETURNING parked.id::text, attempts, parked_at AS "parkedAt", now() AS "failedAt"`,
      [
        failed.map(({ incoming }) => incoming.parkedId),
        failed.map(({ reason }) => reason),
        failed.map(({ incoming }) => (incoming.kind === 'event' ? inboxId(incoming) : null)),
        MAX_ATTEMPTS,
        BACKOFF_SECONDS,
        MAX_BACKOFF_SECONDS,
        FAILURES_KEPT,
        failed.map(({ why }) => why),
      ],
    );
    const dead = new Map(rows.filter(({ attempts }) => attempts === MAX_ATTEMPTS).map((row) => [row.id, row]));
    return failed.flatMap(({ incoming, reason }) => {
      const row = dead.get(incoming.parkedId!);
      return row ? [deadLetterOf(this.service, this.consumer, this.topicPrefix, incoming, reason, row)] : [];
    });
  }

  async due(sql: Sql, limit: number): Promise<ParkedRecord[]> {
    // guard: only the head of a parked queue is retried
    const rows = await sql.query<
      Omit<ParkedRecord, 'record'> & Omit<RawRecord, 'headers'> & { headers: Record<string, string> }
    >(
      `SELECT id::text, subject, topic, partition, "offset"::text, appended_at AS timestamp, key, value, headers
       FROM (SELECT *, sum(octet_length(value)) OVER (ORDER BY id) - octet_length(value) AS bytes_before
             FROM (SELECT DISTINCT ON (subject) * FROM parked WHERE consumer = $1 ORDER BY subject, id) head
             WHERE next_attempt_at <= now() AND dead_at IS NULL ORDER BY id LIMIT $2) due
       WHERE coalesce(bytes_before, 0) < $3 ORDER BY due.id`,
      [this.consumer, limit, DUE_BYTES],
    );
    return rows.map(({ id, subject, headers, ...record }) => ({
      id,
      subject,
      record: { ...record, headers: fromBase64(headers) },
    }));
  }
}

const base64 = (headers: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString('base64')]));

const fromBase64 = (headers: Readonly<Record<string, string>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'base64')]));
