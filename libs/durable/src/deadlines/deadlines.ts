import type { MessageContext } from '@orderflow/decider';
import type { Sql } from '../store/sql.js';

/** A subject whose deadline has passed. */
export interface Passed {
  readonly subject: string;
  /** As the database says it, to the microsecond. */
  readonly dueAt: string;
  readonly context: Omit<MessageContext, 'at'>;
}

/** Deadlines are rows, not timers: they outlive the process that set them. */
export class Deadlines {
  /** @param changes by subject: when it is due and why, or undefined when it has no deadline any more */
  async apply(
    sql: Sql,
    changes: ReadonlyMap<string, { at: Date; context: MessageContext } | undefined>,
  ): Promise<void> {
    const set = [...changes].flatMap(([subject, due]) => (due ? [{ subject, ...due }] : []));
    const gone = [...changes].flatMap(([subject, due]) => (due ? [] : [subject]));
    const statements: Promise<unknown>[] = [];
    if (set.length > 0)
      statements.push(
        sql.query(
          `INSERT INTO deadlines (subject, due_at, context) SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::jsonb[])
           ON CONFLICT (subject) DO UPDATE SET due_at = excluded.due_at, context = excluded.context`,
          [
            set.map(({ subject }) => subject),
            set.map(({ at }) => at),
            set.map(({ context: { id, correlationId, traceparent } }) =>
              JSON.stringify({ id, correlationId, traceparent }),
            ),
          ],
        ),
      );
    if (gone.length > 0) statements.push(sql.query(`DELETE FROM deadlines WHERE subject = ANY ($1::text[])`, [gone]));
    await Promise.all(statements);
  }

  async passed(sql: Sql, limit: number): Promise<Passed[]> {
    return sql.query<Passed>(
      `SELECT subject, due_at::text AS "dueAt", context FROM deadlines WHERE due_at <= now() ORDER BY due_at LIMIT $1`,
      [limit],
    );
  }

  /** Forgets these deadlines, not the ones that their subjects got since. */
  async forget(sql: Sql, passed: readonly Passed[]): Promise<void> {
    if (passed.length === 0) return;
    await sql.query(
      `DELETE FROM deadlines USING unnest($1::text[], $2::timestamptz[]) AS passed (subject, due_at)
       WHERE deadlines.subject = passed.subject AND deadlines.due_at = passed.due_at`,
      [passed.map(({ subject }) => subject), passed.map(({ dueAt }) => dueAt)],
    );
  }
}
