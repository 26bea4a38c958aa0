import type { ExternalCall, MessageContext } from '@orderflow/decider';
import type { Sql } from '../store/sql.js';
import type { Settlement } from '../transaction/incoming.js';
import type { WaitsFor } from './not-answered.js';

/**
 * A call belongs to an instance for this long; then another instance takes it over, with the same key. The lease of a call that
 * is being made is renewed.
 */
export const LEASE_MS = 15_000;

/** The part of a message context that is stored; the time is that of the answer. */
export type StoredContext = Omit<MessageContext, 'at'>;

/** As jsonb, without the time. */
export const storedContext = ({ id, correlationId, traceparent, tracestate }: StoredContext): string =>
  JSON.stringify({ id, correlationId, traceparent, tracestate });

/** A committed call, with the context for its answer. */
export interface PendingCall extends ExternalCall {
  readonly context: StoredContext;
  readonly attempts: number;
  /** The first attempt that the other side put off (`NotAnswered`). */
  readonly deferredSince?: Date | null | undefined;
}

/** A call and one of its attempts. */
export type Attempt = Pick<PendingCall, 'key' | 'attempts'>;

/** Why an attempt had no answer. */
export interface Failure {
  readonly reason: string;
  readonly waitsFor?: WaitsFor | undefined;
  /** Set where the other side refused the call: with so many refusals it is a dead letter. */
  readonly mostRefusals?: number | undefined;
}

// As many as an operator needs to see how the failure changed.
const FAILURES_KEPT = 50;

/** A dead letter or a call that waits, and what an operator made of it. */
export interface SettledCall extends Settlement {
  readonly key: string;
}

export interface CallTable<Tx> {
  /** Adds calls with a lease of this instance, which makes them right after the commit. */
  add(tx: Tx, calls: readonly PendingCall[]): Promise<void>;
  /** Takes due calls of these kinds for the length of a lease. Calls have no order among each other. */
  claim(tx: Tx, kinds: readonly string[], limit: number): Promise<PendingCall[]>;
  /** Begins new leases. @returns the keys of the calls that still belong to these attempts */
  renew(tx: Tx, attempts: readonly Attempt[]): Promise<string[]>;
  /** Ends the leases of calls that were not begun: any instance may take them over at once. */
  release(tx: Tx, attempts: readonly Attempt[]): Promise<void>;
  /**
   * Schedules the next attempt, or none after the last refusal; nothing happens when another instance has taken the call over.
   * @returns whether the call is a dead letter now
   */
  retryIn(tx: Tx, attempt: Attempt, delayMs: number, failure: Failure): Promise<boolean>;
  answered(tx: Tx, keys: readonly string[]): Promise<void>;
  /** Locks these calls. @returns those that an operator may settle: dead letters, and calls that wait and are not being made */
  open(tx: Tx, keys: readonly string[]): Promise<Set<string>>;
  /** Removes calls that operators settled, and keeps them with their reasons. */
  settled(tx: Tx, settlements: readonly SettledCall[]): Promise<void>;
}

/** Calls to other companies' systems: the intent is committed before the call is made. */
export class ExternalCalls implements CallTable<Sql> {
  async add(sql: Sql, calls: readonly PendingCall[]): Promise<void> {
    if (calls.length === 0) return;
    // Not now(): that is the start of the transaction, and the lease would have lost what the batch took.
    await sql.query(
      `INSERT INTO external_calls (key, kind, subject, request, context, attempts, next_attempt_at)
       SELECT *, 1, clock_timestamp() + make_interval(secs => $6)
       FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[])
       ON CONFLICT DO NOTHING`,
      [
        calls.map((call) => call.key),
        calls.map((call) => call.kind),
        calls.map((call) => call.subject),
        calls.map((call) => JSON.stringify(call.request)),
        calls.map((call) => storedContext(call.context)),
        LEASE_MS / 1000,
      ],
    );
  }

  async claim(sql: Sql, kinds: readonly string[], limit: number): Promise<PendingCall[]> {
    // An array is made once. A plan may run a subquery behind IN for each row, and each run finds further calls that are due.
    // guard: a call of a lost service instance is taken over after its lease
    // guard: no more calls are claimed than there is room for
    return sql.query<PendingCall>(
      `UPDATE external_calls SET attempts = attempts + 1, leased = true, next_attempt_at = now() + make_interval(secs => $2)
       WHERE key = ANY (ARRAY(SELECT key FROM external_calls WHERE next_attempt_at <= now() AND kind = ANY ($3::text[])
                              ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED))
       RETURNING key, kind, subject, request, context, attempts, deferred_since AS "deferredSince"`,
      [limit, LEASE_MS / 1000, kinds],
    );
  }

  async renew(sql: Sql, attempts: readonly Attempt[]): Promise<string[]> {
    if (attempts.length === 0) return [];
    // A call whose next attempt is further away than a lease was put off meanwhile: it keeps that time.
    // guard: a lease is renewed for its own attempt only
    const rows = await sql.query<{ key: string }>(
      `UPDATE external_calls SET next_attempt_at = now() + make_interval(secs => $3)
       FROM unnest($1::text[], $2::int[]) AS held (key, attempts)
       WHERE external_calls.key = held.key AND external_calls.attempts = held.attempts
         AND next_attempt_at <= now() + make_interval(secs => $3)
       RETURNING held.key`,
      [attempts.map(({ key }) => key), attempts.map((attempt) => attempt.attempts), LEASE_MS / 1000],
    );
    return rows.map(({ key }) => key);
  }

  async release(sql: Sql, attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length === 0) return;
    await sql.query(
      `UPDATE external_calls SET next_attempt_at = now(), leased = false
       FROM unnest($1::text[], $2::int[]) AS held (key, attempts)
       WHERE external_calls.key = held.key AND external_calls.attempts = held.attempts`,
      [attempts.map(({ key }) => key), attempts.map((attempt) => attempt.attempts)],
    );
  }

  async retryIn(sql: Sql, { key, attempts }: Attempt, delayMs: number, failure: Failure): Promise<boolean> {
    const { reason, waitsFor, mostRefusals } = failure;
    // guard: a call that is refused too often is a dead letter
    const [row] = await sql.query<{ isDead: boolean }>(
      `UPDATE external_calls SET last_error = $3, waits_for = $5, leased = false,
              failures = CASE WHEN jsonb_array_length(failures) < $6 THEN failures ELSE failures - 0 END
                || jsonb_build_object('at', now(), 'reason', $3::text),
              refusals = refusals + CASE WHEN $7::int IS NULL THEN 0 ELSE 1 END,
              dead_at = CASE WHEN refusals + 1 >= $7::int THEN now() END,
              next_attempt_at = CASE WHEN refusals + 1 >= $7::int THEN NULL ELSE now() + make_interval(secs => $2) END,
              deferred_since = CASE WHEN $5 = 'other-side' THEN coalesce(deferred_since, now()) ELSE deferred_since END
       WHERE key = $1 AND attempts = $4 RETURNING dead_at IS NOT NULL AS "isDead"`,
      [key, delayMs / 1000, reason, attempts, waitsFor ?? null, FAILURES_KEPT, mostRefusals],
    );
    return row?.isDead ?? false;
  }

  async answered(sql: Sql, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await sql.query(`DELETE FROM external_calls WHERE key = ANY ($1::text[])`, [keys]);
  }

  async open(sql: Sql, keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    // guard: a call that is being made is settled by no operator
    const rows = await sql.query<{ key: string }>(
      `SELECT key FROM external_calls
       WHERE key = ANY ($1::text[]) AND (dead_at IS NOT NULL OR waits_for IS NOT NULL AND NOT leased)
       ORDER BY key FOR UPDATE`,
      [keys],
    );
    return new Set(rows.map(({ key }) => key));
  }

  async settled(sql: Sql, settlements: readonly SettledCall[]): Promise<void> {
    if (settlements.length === 0) return;
    await sql.query(
      `WITH settlements AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS s (key, action, operator, reason)),
            gone AS (DELETE FROM external_calls USING settlements WHERE external_calls.key = settlements.key RETURNING external_calls.*)
       INSERT INTO call_actions (key, action, operator, reason, kind, subject, call)
       SELECT key, action, operator, reason, kind, subject, to_jsonb(gone) - 'request' FROM gone JOIN settlements USING (key)`,
      [
        settlements.map(({ key }) => key),
        settlements.map(({ action }) => action),
        settlements.map(({ operator }) => operator),
        settlements.map(({ reason }) => reason),
      ],
    );
  }
}
