import type { MessageContext } from '@orderflow/decider';
import { storedContext, type StoredContext } from '../calls/external-calls.js';
import type { Sql } from '../store/sql.js';

/** A new deadline, or undefined to remove the subject's deadline. */
export type DeadlineChange = { readonly inSeconds: number; readonly context: MessageContext } | undefined;

/** A subject whose deadline has passed. */
export interface PassedDeadline {
  readonly subject: string;
  /** As the database prints it, to the microsecond. */
  readonly dueAt: string;
  readonly context: StoredContext;
}

export interface DeadlineTable<Tx> {
  /** @param changes by subject */
  apply(tx: Tx, changes: ReadonlyMap<string, DeadlineChange>): Promise<void>;
  /** The oldest ones. @param after leaves out this one and those before it */
  passed(tx: Tx, limit: number, after?: PassedDeadline): Promise<PassedDeadline[]>;
  /** Deletes these deadlines, but not newer ones of the same subjects. */
  remove(tx: Tx, passed: readonly PassedDeadline[]): Promise<void>;
}

/**
 * Deadlines are rows, not timers: they survive the process that set them. The database's clock alone sets and compares
 * them, so the clocks of the instances may differ.
 */
export class Deadlines implements DeadlineTable<Sql> {
  async apply(sql: Sql, changes: ReadonlyMap<string, DeadlineChange>): Promise<void> {
    const set = [...changes].flatMap(([subject, change]) => (change ? [{ subject, ...change }] : []));
    const cleared = [...changes].flatMap(([subject, change]) => (change ? [] : [subject]));
    const statements: Promise<unknown>[] = [];
    // guard: a deadline is set by the clock that decides whether it has passed
    if (set.length > 0)
      statements.push(
        sql.query(
          `INSERT INTO deadlines (subject, due_at, context)
           SELECT subject, now() + make_interval(secs => seconds), context
           FROM unnest($1::text[], $2::float8[], $3::jsonb[]) AS d (subject, seconds, context)
           ON CONFLICT (subject) DO UPDATE SET due_at = excluded.due_at, context = excluded.context`,
          [
            set.map(({ subject }) => subject),
            set.map(({ inSeconds }) => inSeconds),
            set.map(({ context }) => storedContext(context)),
          ],
        ),
      );
    if (cleared.length > 0)
      statements.push(sql.query(`DELETE FROM deadlines WHERE subject = ANY ($1::text[])`, [cleared]));
    await Promise.all(statements);
  }

  async passed(sql: Sql, limit: number, after?: PassedDeadline): Promise<PassedDeadline[]> {
    return sql.query<PassedDeadline>(
      `SELECT subject, due_at::text AS "dueAt", context FROM deadlines
       WHERE due_at <= now() AND (due_at, subject) > ($2::timestamptz, $3) ORDER BY due_at, subject LIMIT $1`,
      [limit, after?.dueAt ?? '-infinity', after?.subject ?? ''],
    );
  }

  async remove(sql: Sql, passed: readonly PassedDeadline[]): Promise<void> {
    if (passed.length === 0) return;
    // guard: a deadline that passed removes itself only
    await sql.query(
      `DELETE FROM deadlines USING unnest($1::text[], $2::timestamptz[]) AS passed (subject, due_at)
       WHERE deadlines.subject = passed.subject AND deadlines.due_at = passed.due_at`,
      [passed.map(({ subject }) => subject), passed.map(({ dueAt }) => dueAt)],
    );
  }
}
