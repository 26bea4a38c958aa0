import { StartError } from '@orderflow/config';
import type { Connection } from '../store/database.js';
import type { Sql } from '../store/sql.js';

// The first number of the advisory lock; the second one is the hash of the table.
const LOCK = 0x0f11;

// A writer gives a statement up after 5 s and tries again; a request gives its read up after 2 s.
const WRITERS_WAIT_MS = 3_000;
const READERS_WAIT_MS = 500;
const SWITCH_ATTEMPTS = 10;

/**
 * Runs `work` with the lock that lets one run at a time work on a table; the server releases it when the session ends.
 * @param open a connection to the database of the table
 * @throws StartError where another run has the lock
 */
export async function alone<R>(
  table: string,
  open: () => Connection,
  work: (connection: Connection) => Promise<R>,
): Promise<R> {
  const holder = open();
  const connection = open();
  try {
    await holder.session((sql) => lock(sql, table));
    return await work(connection);
  } finally {
    await connection.end();
    await holder.end();
  }
}

/** Waits for the end of a run that was killed: the server carries out its last statement. */
async function lock(sql: Sql, table: string): Promise<void> {
  await sql.query(`SET lock_timeout = ${WRITERS_WAIT_MS}`);
  try {
    await sql.query('SELECT pg_advisory_lock($1, hashtext($2))', [LOCK, table]);
  } catch (error) {
    if (isLockNotAvailable(error)) throw new StartError(`another run works on ${table}`);
    throw error;
  }
}

/** The two halves of a switch, in one transaction. */
export interface Switch<R> {
  /** Holds the writers up, and does all that is left while reads pass. */
  readonly prepare: (sql: Sql) => Promise<R>;
  /** The last statement: reads wait from here to the commit. */
  readonly swap: (sql: Sql) => Promise<void>;
}

/**
 * Runs a switch, again where another session holds what it needs: writers and readers never wait longer than they can.
 * @throws StartError when it had to give way each time
 */
export async function switchTables<R>(
  connection: Pick<Connection, 'transaction'>,
  table: string,
  { prepare, swap }: Switch<R>,
): Promise<R> {
  for (let attempt = 1; ; attempt++)
    try {
      return await connection.transaction(async (sql) => {
        await sql.query(`SET LOCAL lock_timeout = ${WRITERS_WAIT_MS}`);
        const result = await prepare(sql);
        await sql.query(`SET LOCAL lock_timeout = ${READERS_WAIT_MS}`);
        await swap(sql);
        return result;
      });
    } catch (error) {
      if (!isLockNotAvailable(error)) throw error;
      if (attempt === SWITCH_ATTEMPTS)
        throw new StartError(`another session holds ${table} (see pg_locks): nothing was switched`);
    }
}

const isLockNotAvailable = (error: unknown): boolean => (error as { code?: unknown }).code === '55P03';
