import type { PendingCall, Sql, WaitsFor } from '@orderflow/durable';
import { spellingsOf } from '../spellings.js';

/**
 * `retrying` automatically; so does a call that is `waiting`, but it had no effect, its next attempt may be hours away, and an
 * operator may act on it; `dead` until an operator acts; or `settled` by one.
 */
export type FailedCallState = 'retrying' | 'waiting' | 'dead' | 'settled';

/** Every condition is optional. */
export interface FailedCallFilter {
  readonly orderId?: string;
  readonly kind?: string;
  readonly state?: Exclude<FailedCallState, 'settled'>;
}

/** An external call with at least one attempt that had no answer. */
export interface FailedCall extends Pick<PendingCall, 'key' | 'kind' | 'subject' | 'attempts'> {
  readonly state: FailedCallState;
  readonly refusals: number;
  readonly reason: string | null;
  readonly createdAt: Date;
  /** Null for a dead letter. For a call that is being made: when its lease ends. */
  readonly nextAttemptAt: Date | null;
  readonly deadAt: Date | null;
  /** Set also while the attempt after a wait is made. */
  readonly waitsFor: WaitsFor | null;
  /** Since when the other side has put it off. */
  readonly deferredSince: Date | null;
}

export interface FailedCallDetail extends FailedCall, Pick<PendingCall, 'context'> {
  /** Null once the call is settled: it may hold secrets, such as a payment token. */
  readonly request: unknown;
  readonly failures: readonly { readonly at: string; readonly reason: string }[];
}

/** An action of an operator on a call: `retry`, or the name of a settlement. */
export interface CallAction extends Pick<FailedCall, 'key' | 'kind' | 'subject'> {
  readonly id: string;
  readonly action: string;
  readonly at: Date;
  readonly operator: string;
  readonly reason: string | null;
}

const ROW = `c.key, c.kind, c.subject, c.attempts, c.refusals, c.last_error AS reason, c.created_at AS "createdAt",
  c.next_attempt_at AS "nextAttemptAt", c.dead_at AS "deadAt", c.waits_for AS "waitsFor", c.deferred_since AS "deferredSince"`;
const WHOLE = `${ROW}, c.context, c.request, c.failures`;
const IS_WAITING = `c.waits_for IS NOT NULL AND NOT c.leased`;
const STATE = `CASE WHEN c.dead_at IS NOT NULL THEN 'dead' WHEN ${IS_WAITING} THEN 'waiting' ELSE 'retrying' END`;

/** Rows of `external_calls` and `call_actions`, as operators see them. */
export class FailedCalls {
  /** In the order of their keys. @param after key of the last one seen */
  list(sql: Sql, filter: FailedCallFilter, after: string, limit: number): Promise<FailedCall[]> {
    const orderIds = filter.orderId === undefined ? undefined : spellingsOf(filter.orderId);
    return sql.query<FailedCall>(
      `SELECT ${ROW}, ${STATE} AS state FROM external_calls c
       WHERE c.key > $1 AND c.last_error IS NOT NULL
         AND ($2::text[] IS NULL OR c.subject = ANY ($2)) AND ($3::text IS NULL OR c.kind = $3)
         AND ($4::text IS NULL OR ${STATE} = $4)
       ORDER BY c.key LIMIT $5`,
      [after, orderIds, filter.kind, filter.state, limit],
    );
  }

  /** Finds settled calls too. */
  async find(sql: Sql, key: string): Promise<FailedCallDetail | undefined> {
    const [call] = await sql.query<FailedCallDetail>(
      `SELECT ${WHOLE}, ${STATE} AS state FROM external_calls c WHERE c.key = $1 AND c.last_error IS NOT NULL`,
      [key],
    );
    if (call) return call;
    const [settled] = await sql.query<FailedCallDetail>(
      `SELECT ${WHOLE}, 'settled' AS state
       FROM call_actions a CROSS JOIN jsonb_populate_record(NULL::external_calls, a.call) c
       WHERE a.key = $1 AND a.call IS NOT NULL ORDER BY a.id DESC LIMIT 1`,
      [key],
    );
    return settled;
  }

  /** Makes a dead letter due, with all its attempts, or a call that waits. @returns undefined when it is neither */
  async retry(sql: Sql, key: string, operator: string): Promise<FailedCall | undefined> {
    const [call] = await sql.query<FailedCall>(
      `WITH again AS (UPDATE external_calls c SET refusals = 0, dead_at = NULL, next_attempt_at = now()
                      WHERE key = $1 AND (dead_at IS NOT NULL OR ${IS_WAITING}) RETURNING *),
            noted AS (INSERT INTO call_actions (key, action, operator, kind, subject)
                      SELECT key, 'retry', $2, kind, subject FROM again)
       SELECT ${ROW}, ${STATE} AS state FROM again c`,
      [key, operator],
    );
    return call;
  }

  /** The latest first, of one call or of all. @param before id of the last one seen */
  actions(
    sql: Sql,
    { key, before }: { key?: string | undefined; before?: string | undefined },
    limit: number,
  ): Promise<CallAction[]> {
    return sql.query<CallAction>(
      `SELECT id::text, key, action, at, operator, reason, kind, subject FROM call_actions
       WHERE ($1::text IS NULL OR key = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY call_actions.id DESC LIMIT $3`,
      [key, before, limit],
    );
  }
}
