import type { Omitted, RawRecord } from '@orderflow/kafka';
import type { Sql } from '@orderflow/durable';
import { spellingsOf } from './spellings.js';

/** `waiting` behind an earlier event of its queue, `retrying` automatically, `dead` until an operator acts, or `discarded`. */
export type ParkedEventState = 'retrying' | 'dead' | 'waiting' | 'discarded';

/** Every condition is optional. */
export interface ParkedEventFilter {
  readonly ids?: readonly string[];
  readonly orderId?: string;
  readonly type?: string;
  /** A part of the reason, case-insensitive. */
  readonly reason?: string;
  /** Since it was parked. */
  readonly olderThanSeconds?: number;
  readonly youngerThanSeconds?: number;
  readonly consumer?: string;
  readonly state?: ParkedEventState;
}

/** A parked event, without its bytes. */
export interface ParkedEvent {
  readonly id: string;
  readonly state: ParkedEventState;
  readonly consumer: string;
  readonly subject: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Name -> bytes as base64. */
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly attempts: number;
  readonly parkedAt: Date;
  /** Null while it waits behind another event. */
  readonly nextAttemptAt: Date | null;
  readonly deadAt: Date | null;
}

/** A parked event with its bytes. */
export interface ParkedEventDetail extends ParkedEvent {
  readonly appendedAt: Date;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Given where key and value are not kept. */
  readonly omitted: Omitted | null;
  readonly failures: readonly { readonly at: string; readonly reason: string }[];
}

/** An action of an operator on a parked event. */
export interface OperatorAction extends Pick<ParkedEvent, 'consumer' | 'subject' | 'topic' | 'partition' | 'offset'> {
  readonly id: string;
  readonly parkedId: string;
  readonly action: 'retry' | 'discard';
  readonly at: Date;
  readonly operator: string;
  readonly reason: string | null;
}

const ROW = `l.id::text, state, l.consumer, l.subject, l.topic, l.partition, l."offset"::text, l.headers, l.reason,
  l.attempts, l.parked_at AS "parkedAt", nullif(l.next_attempt_at, 'infinity') AS "nextAttemptAt", l.dead_at AS "deadAt"`;
const WHOLE = `${ROW}, l.appended_at AS "appendedAt", l.key, l.value, l.omitted, l.failures`;

const IS_WAITING = `EXISTS (SELECT 1 FROM parked e WHERE e.consumer = l.consumer AND e.subject = l.subject AND e.id < l.id)`;
// `place` is the id under one name for both tables, so that each finds the next page in an index.
const PARKED = `(SELECT l.*, l.id AS place, CASE WHEN dead_at IS NOT NULL THEN 'dead' WHEN ${IS_WAITING} THEN 'waiting' ELSE 'retrying' END AS state
  FROM parked l)`;
const DISCARDED = `(SELECT p.*, a.parked_id AS place, 'discarded' AS state
  FROM operator_actions a CROSS JOIN jsonb_populate_record(NULL::parked, a.parked) p WHERE a.parked IS NOT NULL)`;

/** Rows of `parked` and `operator_actions`, as operators see them. */
export class ParkedEvents {
  /** @param after id of the last one seen. @returns the oldest first */
  async list(sql: Sql, filter: ParkedEventFilter, after: string, limit: number): Promise<ParkedEvent[]> {
    return sql.query<ParkedEvent>(
      `SELECT ${ROW} FROM ${filter.state === 'discarded' ? DISCARDED : PARKED} l
       WHERE place > $1
         AND ($2::text[] IS NULL OR l.subject = ANY ($2)) AND ($3::text IS NULL OR l.headers ->> 'ce_type' = $3)
         AND ($4::text IS NULL OR strpos(lower(l.reason), lower($4)) > 0)
         AND ($5::float8 IS NULL OR l.parked_at <= now() - make_interval(secs => $5))
         AND ($6::float8 IS NULL OR l.parked_at > now() - make_interval(secs => $6))
         AND ($7::text IS NULL OR l.consumer = $7) AND ($8::text IS NULL OR state = $8)
         AND ($9::bigint[] IS NULL OR l.id = ANY ($9))
       ORDER BY place LIMIT $10`,
      [
        after,
        filter.orderId === undefined ? undefined : spellingsOf(filter.orderId),
        filter.type === undefined ? undefined : Buffer.from(filter.type).toString('base64'),
        filter.reason,
        filter.olderThanSeconds,
        filter.youngerThanSeconds,
        filter.consumer,
        filter.state,
        filter.ids,
        limit,
      ],
    );
  }

  /** Finds discarded events too. */
  async find(sql: Sql, id: string): Promise<ParkedEventDetail | undefined> {
    const [parked] = await sql.query<ParkedEventDetail>(`SELECT ${WHOLE} FROM ${PARKED} l WHERE l.id = $1`, [id]);
    if (parked) return parked;
    const [discarded] = await sql.query<ParkedEventDetail>(
      `SELECT ${WHOLE} FROM operator_actions a CROSS JOIN jsonb_populate_record(NULL::parked, a.parked) l
         CROSS JOIN (VALUES ('discarded')) AS s (state) WHERE a.parked_id = $1 AND a.parked IS NOT NULL`,
      [id],
    );
    return discarded;
  }

  /** The events behind it in its queue, in order. */
  async behind(sql: Sql, { consumer, subject, id }: ParkedEvent, limit: number): Promise<ParkedEvent[]> {
    return sql.query<ParkedEvent>(
      `SELECT ${ROW} FROM ${PARKED} l WHERE l.consumer = $1 AND l.subject = $2 AND l.id > $3 ORDER BY l.id LIMIT $4`,
      [consumer, subject, id, limit],
    );
  }

  /** It and the events behind it, in order, with their bytes. */
  async queueFrom(sql: Sql, { consumer, subject, id }: ParkedEvent, limit: number): Promise<ParkedEventDetail[]> {
    return sql.query<ParkedEventDetail>(
      `SELECT ${WHOLE} FROM ${PARKED} l WHERE l.consumer = $1 AND l.subject = $2 AND l.id >= $3 ORDER BY l.id LIMIT $4`,
      [consumer, subject, id, limit],
    );
  }

  /** @returns the id of the first event of its queue, and how many events are behind it */
  async placeOf(sql: Sql, { consumer, subject, id }: ParkedEvent): Promise<{ head: string | null; behind: number }> {
    const [row] = await sql.query<{ head: string | null; behind: number }>(
      `SELECT min(id)::text AS head, count(*) FILTER (WHERE id > $3)::int AS behind FROM parked WHERE consumer = $1 AND subject = $2`,
      [consumer, subject, id],
    );
    return row!;
  }

  /**
   * Makes the events due that are the first of their queues: one now, the others after it at this rate, each with all its
   * attempts. @returns those that are due
   */
  // Locked in the order of the batch path, so that they cannot deadlock.
  async retry(sql: Sql, ids: readonly string[], operator: string, perSecond: number): Promise<ParkedEvent[]> {
    return sql.query<ParkedEvent>(
      `WITH mine AS (SELECT l.id FROM parked l WHERE l.id = ANY ($1::bigint[]) AND NOT ${IS_WAITING} ORDER BY l.id FOR UPDATE),
            numbered AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS position FROM mine),
            again AS (UPDATE parked SET attempts = 0, dead_at = NULL, next_attempt_at = now() + make_interval(secs => position / $3::float8)
                      FROM numbered WHERE parked.id = numbered.id RETURNING parked.*, 'retrying' AS state),
            noted AS (INSERT INTO operator_actions (parked_id, action, operator, consumer, subject, topic, partition, "offset")
                      SELECT id, 'retry', $2, consumer, subject, topic, partition, "offset" FROM again ORDER BY id)
       SELECT ${ROW} FROM again l ORDER BY l.id`,
      [ids, operator, perSecond],
    );
  }

  /**
   * Removes events from their queues and keeps them with operator and reason; the events behind them are due.
   * @returns those that were still parked
   */
  // Locked in the order of the batch path, so that they cannot deadlock.
  async discard(sql: Sql, ids: readonly string[], operator: string, reason: string): Promise<ParkedEvent[]> {
    return sql.query<ParkedEvent>(
      `WITH mine AS (SELECT id FROM parked WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE),
            gone AS (DELETE FROM parked WHERE id IN (SELECT id FROM mine) RETURNING *),
            noted AS (INSERT INTO operator_actions (parked_id, action, operator, reason, consumer, subject, topic, partition, "offset", parked)
                      SELECT id, 'discard', $2, $3, consumer, subject, topic, partition, "offset", to_jsonb(gone) FROM gone),
            due AS (UPDATE parked SET next_attempt_at = now() WHERE next_attempt_at = 'infinity' AND id IN (
                      SELECT (SELECT min(p.id) FROM parked p
                              WHERE p.consumer = gone.consumer AND p.subject = gone.subject AND p.id <> ALL ($1::bigint[])) FROM gone))
       SELECT ${ROW} FROM (SELECT *, 'discarded' AS state FROM gone) l ORDER BY l.id`,
      [ids, operator, reason],
    );
  }

  /** The latest first, of one parked event or of all. @param before id of the last one seen */
  async actions(
    sql: Sql,
    { parkedId, before }: { parkedId?: string | undefined; before?: string | undefined },
    limit: number,
  ): Promise<OperatorAction[]> {
    return sql.query<OperatorAction>(
      `SELECT a.id::text, parked_id::text AS "parkedId", action, at, operator, reason, consumer, subject, topic, partition, "offset"::text
       FROM operator_actions a
       WHERE ($1::bigint IS NULL OR parked_id = $1) AND ($2::bigint IS NULL OR a.id < $2) ORDER BY a.id DESC LIMIT $3`,
      [parkedId, before, limit],
    );
  }
}

/** The record as Kafka delivered it. */
export const recordOf = ({ appendedAt, headers, omitted, ...event }: ParkedEventDetail): RawRecord => ({
  ...event,
  ...(omitted && { omitted }),
  timestamp: appendedAt,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
});

/** The headers, decoded as UTF-8. */
export const headersOf = ({ headers }: Pick<ParkedEvent, 'headers'>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]));
