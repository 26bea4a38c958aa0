import type { MessageContext, ExternalCall } from '@orderflow/decider';
import type { Sql } from '../store/sql.js';

/** How long a member may take to make a call before another one takes it over (with the same key: it is only asked twice). */
export const LEASE_MS = 15_000;

/** A call with what it takes to go on from its answer. */
export interface PendingCall extends ExternalCall {
  readonly context: MessageContext;
  readonly attempts: number;
}

/** Which call, and which of its attempts. */
export type Attempt = Pick<PendingCall, 'key' | 'attempts'>;

type CallRow = ExternalCall & { attempts: number; context: Omit<MessageContext, 'at'> };

/** What is to be done outside: the intent is committed before anybody acts on it. */
export class ExternalCalls {
  /** Adds calls that this member makes itself, right after commit. */
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
        calls.map(({ context: { id, correlationId, traceparent } }) =>
          JSON.stringify({ id, correlationId, traceparent }),
        ),
        LEASE_MS / 1000,
      ],
    );
  }

  /** Takes calls that are due, for the length of a lease. Calls have no order among each other. */
  async claim(sql: Sql, limit: number): Promise<PendingCall[]> {
    const rows = await sql.query<CallRow>(
      `UPDATE external_calls SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
       WHERE key IN (SELECT key FROM external_calls WHERE next_attempt_at <= now()
                     ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING key, kind, subject, request, context, attempts`,
      [limit, LEASE_MS / 1000],
    );
    return rows.map((row) => ({ ...row, context: { ...row.context, at: new Date() } }));
  }

  /** Nothing happens when somebody else has taken the call over meanwhile: then it is up to them. */
  async askAgainIn(sql: Sql, { key, attempts }: Attempt, delayMs: number, error: string): Promise<void> {
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
