import type { ChildProcess } from 'node:child_process';
import { killWhen } from '../process/outcomes.js';
import { connected } from './postgres.js';

const CONNECT_MS = 60_000;

/** A lock for which a program waits: everything before it is done, and nothing after it. */
export interface HeldLock {
  readonly databaseUrl: string;
  /** The statement that takes it, in a session of its own. */
  readonly statement: string;
  readonly values?: readonly unknown[];
  /** The server is asked for waiting sessions once the program has written this to its standard error. */
  readonly after?: string;
}

/** The lock in which the switch of a rebuild ends, which is the last statement of its transaction. */
export const lockOfSwitch = (databaseUrl: string, table: string): HeldLock => ({
  databaseUrl,
  statement: `LOCK TABLE public.${table} IN ACCESS SHARE MODE`,
  after: 'switch: ',
});

/**
 * Ends a program by SIGKILL as soon as it waits for a lock, and releases the lock.
 * @param start called once the lock is held
 * @returns what it had written to its standard error
 * @throws Error as `killWhen`
 */
export async function killAtLock(
  start: () => ChildProcess,
  { databaseUrl, statement, values = [], after = '' }: HeldLock,
  withinMs: number,
): Promise<string> {
  const inSession = async <T>(work: Parameters<typeof connected<T>>[1]) => connected(databaseUrl, work, CONNECT_MS);
  return inSession(async (holder) =>
    inSession(async (watcher) => {
      await holder.query('BEGIN');
      await holder.query(statement, [...values]);
      const [{ pid }] = (await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows as [
        { pid: number },
      ];
      const isAwaited = async () => {
        const { rows } = await watcher.query(
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $1 = ANY (pg_blocking_pids(pid))`,
          [pid],
        );
        return rows.length > 0;
      };
      return killWhen(start(), async (errors) => errors.includes(after) && isAwaited(), withinMs);
    }),
  );
}
