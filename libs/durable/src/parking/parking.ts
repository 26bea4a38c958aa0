import type { Omitted, OutgoingRecord, RawRecord } from '@orderflow/kafka';
import type { Service } from '@orderflow/contracts';
import { deadLetterOf, MAX_ATTEMPTS } from './dead-letter.js';
import { inboxId } from '../inbox/inbox.js';
import type { Sql } from '../store/sql.js';
import type { IncomingEvent, UndecodableRecord, WhyParked } from '../transaction/incoming.js';

const BACKOFF_SECONDS = 0.5;
const MAX_BACKOFF_SECONDS = 60;

/** Longer than an attempt takes. */
export const CLAIM_SECONDS = 15;
const PUT_BACK_SECONDS = 1;

// Ten attempts, and those before an operator's retries: enough to see how the failure changed.
const FAILURES_KEPT = 50;

// One round retries at most this much, and one record more.
const DUE_BYTES = 8 * 1024 * 1024;

/** A record to park, with the reason. */
export interface ToPark extends WhyParked {
  readonly incoming: IncomingEvent<unknown> | UndecodableRecord;
  /** Whether an earlier record of its subject is parked: then it is not due before that one is gone. */
  readonly isBehind?: boolean;
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
  /** Deletes rows; the first ones behind them are due. */
  unpark(tx: Tx, ids: readonly string[]): Promise<void>;
  /** Notes failed retries. @returns dead letters to publish: the records whose attempts are used up now */
  failedAgain(tx: Tx, failed: readonly ToPark[]): Promise<OutgoingRecord[]>;
  /**
   * Claims the first records of queues whose next attempt is due, those that are due the longest. No other instance gets them
   * before they have failed again, or {@link CLAIM_SECONDS} have passed.
   */
  due(tx: Tx, limit: number): Promise<ParkedRecord[]>;
  /** Gives claims back without an attempt: a dependency failed, not the record. */
  putBack(tx: Tx, ids: readonly string[]): Promise<void>;
  /** Makes records due that wait behind none: one may be parked behind a record that an operator discards meanwhile. */
  wake(tx: Tx): Promise<void>;
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
      `INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, key, value, headers, kind, reason, omitted, failures, next_attempt_at)
       SELECT $1, subject, event_id, topic, partition, "offset", appended_at, key, value, headers, kind, reason, omitted,
              CASE WHEN kind = 'blocked' THEN '[]' ELSE jsonb_build_array(jsonb_build_object('at', now(), 'reason', reason)) END,
              CASE WHEN is_behind THEN 'infinity' ELSE now() END
       FROM unnest($2::text[], $3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::timestamptz[], $8::bytea[], $9::bytea[], $10::jsonb[], $11::text[], $12::text[], $13::jsonb[], $14::boolean[])
            WITH ORDINALITY AS r (subject, event_id, topic, partition, "offset", appended_at, key, value, headers, kind, reason, omitted, is_behind, position)
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
        records.map(({ omitted }) => (omitted === undefined ? null : JSON.stringify(omitted))),
        parked.map(({ isBehind = false }) => isBehind),
      ],
    );
  }

  async unpark(sql: Sql, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // guard: the record behind one that is gone is due
    await sql.query(
      `WITH gone AS (DELETE FROM parked WHERE id = ANY ($1::bigint[]) RETURNING consumer, subject)
       UPDATE parked SET next_attempt_at = now()
       WHERE next_attempt_at = 'infinity' AND id IN (
         SELECT (SELECT min(p.id) FROM parked p
                 WHERE p.consumer = gone.consumer AND p.subject = gone.subject AND p.id <> ALL ($1::bigint[])) FROM gone)`,
      [ids],
    );
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
    const rows = await sql.query<Omit<ParkedRecord, 'record'> & Omit<RawRecord, 'headers' | 'omitted'> & StoredFields>(
      DUE,
      [this.consumer, limit, DUE_BYTES, CLAIM_SECONDS],
    );
    return rows.map(({ id, subject, headers, omitted, ...record }) => ({
      id,
      subject,
      record: { ...record, headers: fromBase64(headers), ...(omitted && { omitted }) },
    }));
  }

  async putBack(sql: Sql, ids: readonly string[]): Promise<void> {
    await sql.query(
      `UPDATE parked SET next_attempt_at = now() + make_interval(secs => $2) WHERE id = ANY ($1::bigint[])`,
      [ids, PUT_BACK_SECONDS],
    );
  }

  async wake(sql: Sql): Promise<void> {
    await sql.query(
      `UPDATE parked SET next_attempt_at = now()
       WHERE consumer = $1 AND dead_at IS NULL AND next_attempt_at = 'infinity' AND ${IS_HEAD}`,
      [this.consumer],
    );
  }
}

interface StoredFields {
  readonly headers: Record<string, string>;
  readonly omitted: Omitted | null;
}

// A subquery for each row: an anti-join would read every parked row.
const IS_HEAD = `parked.id = (
  SELECT first.id FROM parked first WHERE first.consumer = parked.consumer AND first.subject = parked.subject ORDER BY first.id LIMIT 1)`;

// Two limits: with the outer one alone, every due row would be read and sorted. Nine of ten due rows wait behind others only
// where instances parked records of one subject at the same moment.
// Another instance that claims the same rows waits, and finds that they are due no more.
/** $1 consumer, $2 limit, $3 bytes, $4 seconds of a claim. */
// guard: only the head of a parked queue is retried
export const DUE = `WITH head AS (SELECT id, next_attempt_at, octet_length(value) AS bytes
    FROM (SELECT id, consumer, subject, next_attempt_at, value FROM parked
          WHERE consumer = $1 AND dead_at IS NULL AND next_attempt_at <= now()
          ORDER BY next_attempt_at, id LIMIT 10 * $2) parked
    WHERE true AND ${IS_HEAD} ORDER BY next_attempt_at, id LIMIT $2),
  due AS (SELECT id FROM (
      SELECT id, sum(bytes) OVER (ORDER BY next_attempt_at, id) - bytes AS bytes_before FROM head) sized
    WHERE coalesce(bytes_before, 0) < $3),
  claimed AS (UPDATE parked SET next_attempt_at = now() + make_interval(secs => $4)
    WHERE id = ANY (ARRAY(SELECT id FROM due)) AND next_attempt_at <= now() RETURNING *)
  SELECT id::text, subject, topic, partition, "offset"::text, appended_at AS timestamp, key, value, headers, omitted
  FROM claimed ORDER BY claimed.id`;

const base64 = (headers: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString('base64')]));

const fromBase64 = (headers: Readonly<Record<string, string>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'base64')]));
