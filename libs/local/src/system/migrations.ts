import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '@orderflow/config';
import { assertOwnProcesses, type Client, databaseOf, isMissingDatabase, roleOf, whyNot } from '@orderflow/postgres';
import { connected, databaseUrlOf } from '../infrastructure/postgres.js';
import { codeOf, reasonOf, SetupError } from '../process/setup-error.js';

/** Prisma's own advisory lock, so that this program and `prisma migrate` wait for each other. */
const MIGRATION_LOCK = 72707369;

/** The table as Prisma creates it, so that `prisma migrate` finds the applied migrations. */
const MIGRATIONS_TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  varchar(36)  PRIMARY KEY NOT NULL,
    checksum            varchar(64)  NOT NULL,
    finished_at         timestamptz,
    migration_name      varchar(255) NOT NULL,
    logs                text,
    rolled_back_at      timestamptz,
    started_at          timestamptz  NOT NULL DEFAULT now(),
    applied_steps_count integer      NOT NULL DEFAULT 0
  )`;

const KNOWN_MIGRATIONS = `
  SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL`;

// clock_timestamp, not now: now() is constant within the transaction.
const RECORD_MIGRATION = `
  INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
  VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`;

export interface MigrateOptions {
  /** URL of the database, which is created when it is missing. */
  databaseUrl: string;
  /** Holds `<stamp>_<name>/migration.sql`, applied in the order of their names. */
  folder: string;
  /** How often a migration is tried whose locks are held by others; each try waits for 2 s. By default 20. */
  attempts?: number;
}

// A waiting ALTER TABLE makes every later statement on the table wait too: shorter than the 5 s after which services give up.
const LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'";
const LOCK_NOT_AVAILABLE = '55P03';
// PostgreSQL refuses it in a transaction. It is the only statement of its migration.
const CONCURRENT_INDEX = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\w+)/im;

const OTHER_RUN_MS = 200;

// At random: the traffic that waited behind the last try has to pass before the next one.
const PAUSE_MS = [1_000, 3_000] as const;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** @throws SetupError when the role may not create it, with what to do instead */
async function createDatabase(databaseUrl: string): Promise<void> {
  const [database, role] = [databaseOf(databaseUrl), roleOf(databaseUrl)];
  try {
    await connected(databaseUrlOf(databaseUrl, 'postgres'), async (client) =>
      client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`),
    );
  } catch (error) {
    // Another run may create it at the same moment; the error code depends on the timing.
    if (['42P04', '23505'].includes(codeOf(error) ?? '')) return;
    throw new SetupError(
      `The database "${database}" does not exist, and the role "${role}" cannot create it (${reasonOf(error)}): create it as its owner (CREATE DATABASE "${database}" OWNER "${role}"), or grant the role CREATEDB, and CONNECT on the database postgres.`,
    );
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** The migrations that are not applied yet. @throws SetupError when an applied one failed or was edited */
async function pending(client: Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(KNOWN_MIGRATIONS);
  const known = new Map(rows.map((row) => [row.name, row]));
  return migrations.filter(({ name, checksum }) => {
    const applied = known.get(name);
    if (applied === undefined) return true;
    if (!applied.finished) {
      throw new SetupError(`Migration ${name} was started elsewhere and failed: run "prisma migrate resolve" first.`);
    }
    if (applied.checksum === checksum) return false;
    throw new SetupError(
      `Migration ${name} was edited after it was applied: restore its text and add a new migration, or start with empty data ("npm start -- --fresh").`,
    );
  });
}

/** Tries again while other sessions hold the locks that the migration needs. */
async function apply(client: Client, migration: Migration, attempts: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await applyOnce(client, migration);
      return;
    } catch (error) {
      const reason = `Migration ${migration.name} failed and was rolled back: ${reasonOf(error)}`;
      if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw new SetupError(reason);
      if (attempt >= attempts)
        throw new SetupError(
          `${reason}, in ${attempts} attempts: end the session that holds it (pg_stat_activity, pg_locks), and run it again.`,
        );
    }
    await sleep(PAUSE_MS[0] + Math.random() * (PAUSE_MS[1] - PAUSE_MS[0]));
  }
}

async function applyOnce(client: Client, migration: Migration): Promise<void> {
  const { name, sql, checksum } = migration;
  const [, index] = CONCURRENT_INDEX.exec(sql) ?? [];
  if (index !== undefined) return buildIndex(client, migration, index);
  await client.query('BEGIN');
  try {
    // guard: migrations: a migration that waits for a lock does not hold up the services
    await client.query(LOCK_TIMEOUT);
    await client.query(sql);
    await client.query(RECORD_MIGRATION, [randomUUID(), checksum, name]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Others read and write its table meanwhile, however long it takes. */
async function buildIndex(client: Client, { name, sql, checksum }: Migration, index: string): Promise<void> {
  // A build that failed or was cut off leaves an index that PostgreSQL maintains and does not use.
  await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
  await client.query(sql);
  await client.query(RECORD_MIGRATION, [randomUUID(), checksum, name]);
}

/** Waits until no other run works on this database. */
async function lock(client: Client): Promise<void> {
  // Not pg_advisory_lock: a concurrent build waits for every running statement, also for one that waits for this lock.
  const tryLock = async () =>
    (await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [MIGRATION_LOCK])).rows[0]!.held;
  while (!(await tryLock())) await sleep(OTHER_RUN_MS);
}

/**
 * Migrates a database, one transaction per migration, and returns the names of the applied migrations. An index that is built
 * concurrently is a migration of its own, without a transaction. Each migration is recorded as
 * `prisma migrate` records it. Concurrent runs wait for each other.
 * @throws SetupError or StartError when the database cannot be used, when a migration fails or gets no lock, or when an applied
 * migration was edited
 */
export async function migrate({ databaseUrl, folder, attempts = 20 }: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(folder);
  try {
    return await applyMissing(databaseUrl, migrations, attempts).catch(async (error: unknown) => {
      if (!isMissingDatabase(error)) throw error;
      await createDatabase(databaseUrl);
      return applyMissing(databaseUrl, migrations, attempts);
    });
  } catch (error) {
    throw error instanceof SetupError || error instanceof StartError
      ? error
      : new SetupError(whyNot(error, databaseUrl).line);
  }
}

async function applyMissing(databaseUrl: string, migrations: readonly Migration[], attempts: number) {
  await assertOwnProcesses({ url: databaseUrl, name: 'migrate', connectTimeoutMs: 10_000 });
  return connected(databaseUrl, async (client) => {
    await lock(client);
    await client.query(MIGRATIONS_TABLE);
    const missing = await pending(client, migrations);
    for (const migration of missing) await apply(client, migration, attempts);
    return missing.map(({ name }) => name);
  });
}
