import { StartError } from '@orderflow/config';
import type pg from 'pg';
import { type Access, endClient, openClient } from './access.js';
import { placeOf } from './place.js';

// A pooler that others use too may give the two sessions different processes by chance.
const ROUNDS = 5;
const PROTOCOL_VIOLATION = '08P01';

/**
 * Checks that each session has a server process of its own until it ends. A pooler in transaction mode gives each transaction
 * another one: advisory locks are then held by no session or by two, and settings belong to others.
 * @throws StartError with one line for the operator
 */
export async function assertOwnProcesses(access: Access): Promise<void> {
  const one = await openClient(access);
  try {
    const two = await openClient(access);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        if (!(await haveOwnProcesses(one, two))) throw new StartError(lineFor(access.url));
      }
    } finally {
      await endClient(two);
    }
  } finally {
    await endClient(one);
  }
}

/** The transaction of the second session keeps its process busy: the first one then moves to another, if it can. */
async function haveOwnProcesses(one: pg.Client, two: pg.Client): Promise<boolean> {
  const before = await processOf(one);
  if (await refusesTransactions(two)) return false;
  const other = await processOf(two);
  const after = await processOf(one);
  await two.query('COMMIT');
  return before === after && before !== other;
}

/** In its statement mode PgBouncer ends the connection at BEGIN. */
async function refusesTransactions(client: pg.Client): Promise<boolean> {
  try {
    await client.query('BEGIN');
    return false;
  } catch (error) {
    if ((error as { code?: unknown }).code === PROTOCOL_VIOLATION) return true;
    throw error;
  }
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]!.pid;
}

const lineFor = (url: string): string =>
  `DATABASE_URL: at ${placeOf(url)} a pooler gives each transaction another server process, and the locks of the relay ` +
  'need sessions; set "pool_mode = session" in PgBouncer, or connect to PostgreSQL itself';
