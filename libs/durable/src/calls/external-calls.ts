import type { ExternalCall, MessageContext } from '@orderflow/decider';
import type { Sql } from '../store/sql.js';

/** How long an instance may take for a call before another one takes it over, with the same key. */
export const LEASE_MS = 15_000;

/** The part of a message context that is stored; the time is that of the answer. */
export type StoredContext = Omit<MessageContext, 'at'>;

/** As jsonb, without the time. */
export const storedContext = ({ id, correlationId, traceparent }: StoredContext): string =>
  JSON.stringify({ id, correlationId, traceparent });

/** A committed call, with the context for its answer. */
export interface PendingCall extends ExternalCall {
  readonly context: StoredContext;
  readonly attempts: number;
}

/** A call and one of its attempts. */
export type Attempt = Pick<PendingCall, 'key' | 'attempts'>;

export interface CallTable<Tx> {
  /** Adds calls that this instance makes itself, right after the commit. */
  add(tx: Tx, calls: readonly PendingCall[]): Promise<void>;
  /** Takes due calls for the length of a lease. Calls have no order among each other. */
  claim(tx: Tx, limit: number): Promise<PendingCall[]>;
  /** Schedules the next attempt; nothing happens when another instance has taken the call over. */
  retryIn(tx: Tx, attempt: Attempt, delayMs: number, error: string): Promise<void>;
  answered(tx: Tx, keys: readonly string[]): Promise<void>;
}

/** Calls to other companies' systems: the intent is committed before the call is made. */
export class ExternalCalls implements CallTable<Sql> {
  async add(sql: Sql, calls: readonly PendingCall[]): Promise<void> {
    if (calls.length === 0) return;
    await sql.query(
      `INSERT INTO external_calls (key, kind, subject, request, context, attempts, next_attempt_at)
       SELECT *, 1, now() + make_interval(secs => $6)
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

  async claim(sql: Sql, limit: number): Promise<PendingCall[]> {
    // guard: a call of a lost service instance is taken over after its lease
    return sql.query<PendingCall>(
      `UPDATE external_calls SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
       WHERE key IN (SELECT key FROM external_calls WHERE next_attempt_at <= now()
                     ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING key, kind, subject, request, context, attempts`,
      [limit, LEASE_MS / 1000],
    );
  }

  async retryIn(sql: Sql, { key, attempts }: Attempt, delayMs: number, error: string): Promise<void> {
    await sql.query(
      `UPDATE external_calls SET next_attempt_at = now() + make_interval(secs => $2), last_error = $3
       WHERE key = $1 AND attempts = $4`,
      [key, delayMs / 1000, error, attempts],
    );
  }

  async answered(sql: Sql, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await sql.query(`DELETE FROM external_calls WHERE key = ANY ($1::text[])`, [keys]);
  }
}
