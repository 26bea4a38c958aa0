import { StartError } from '@orderflow/config';
import pg from 'pg';

/** Settings of a session by name, each value as `SHOW` writes it: `5s`, not `5000`. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * What every session relies on, whatever a database, a role or the server has set. Limits are part of a session too: those of
 * others end statements that take longer than they expected.
 */
const EVERY_SESSION = {
  // node-postgres reads a timestamp in this form only, and returns any other one as text.
  DateStyle: 'ISO, MDY',
  // Prisma's adapter replaces the offset of a timestamp by +00:00.
  TimeZone: 'UTC',
  // Off, an accepted order is lost with the server's next crash.
  synchronous_commit: 'on',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
} as const satisfies SessionSettings;

/**
 * Sets the settings of a new session and reads them back, in one round trip. Not by startup parameters: poolers refuse or drop
 * them.
 * @param settings beside those of every session, or in their place
 * @throws StartError with one line when the session has another value
 */
export async function prepareSession(
  client: pg.ClientBase,
  place: string,
  settings: SessionSettings = {},
): Promise<void> {
  const wanted: SessionSettings = { ...EVERY_SESSION, ...settings };
  const results: unknown = await client.query(statementsOf(wanted));
  const [, readBack] = results as [unknown, pg.QueryResult<SessionSettings>];
  const found = readBack.rows[0]!;
  const name = Object.keys(wanted).find((it) => found[it] !== wanted[it]);
  // guard: a session that is not as it must be is not used
  if (name !== undefined) throw new StartError(differenceIn(place, name, wanted[name]!, found[name]));
}

/** One message for both: a pooler in transaction mode runs it on one server process, and takes part in nothing else here. */
function statementsOf(settings: SessionSettings): string {
  const quoted = Object.entries(settings).map(([name, value]) => [pg.escapeLiteral(name), pg.escapeLiteral(value)]);
  const set = quoted.map(([name, value]) => `set_config(${name}, ${value}, false)`);
  const read = Object.keys(settings).map(
    (name) => `current_setting(${pg.escapeLiteral(name)}) AS ${pg.escapeIdentifier(name)}`,
  );
  return `SELECT ${set.join(', ')}; SELECT ${read.join(', ')}`;
}

const differenceIn = (place: string, name: string, wanted: string, found: string | undefined): string =>
  `DATABASE_URL: in sessions of ${place} the setting ${name} is "${found}" after it was set to "${wanted}"; ` +
  'connect to PostgreSQL itself, or through a pooler that keeps the settings of a session';
