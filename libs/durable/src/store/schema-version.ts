import { readdir } from 'node:fs/promises';
import { StartError } from '@orderflow/config';
import type { Sql } from './sql.js';

/** The migrations of a database, in the order of their names. */
export interface AppliedMigrations {
  readonly names: readonly string[];
  /** Those on which no code may run that is older than them, with the reason. */
  readonly contracts: ReadonlyMap<string, string>;
}

const APPLIED = `
  SELECT migration_name AS name FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;

/**
 * Checks that the code may run on the database: every migration that it is written for is applied, and none of the newer ones
 * is a contract migration.
 * @param known names of the migrations of this version
 * @returns the newer migrations, on which this version may run
 * @throws StartError with one line for the operator
 */
export function checkSchemaVersion(
  known: readonly string[],
  { names, contracts }: AppliedMigrations,
  { database, service }: { database: string; service: string },
): readonly string[] {
  const missing = known.filter((name) => !names.includes(name));
  // guard: migrations: a service does not start on an older database
  if (missing.length > 0)
    throw new StartError(
      `DATABASE_URL: ${database} is older than this version of ${service}, ${missing.length} migrations are missing (first ${missing[0]}); run "npx orderflow migrate ${service}"`,
    );
  const newer = names.filter((name) => !known.includes(name));
  const contract = newer.find((name) => contracts.has(name));
  // guard: migrations: a service does not start on a database whose newer schema excludes it
  if (contract !== undefined)
    throw new StartError(
      `DATABASE_URL: ${database} is newer than this version of ${service}, which may not run on ${contract} (${contracts.get(contract)}); deploy the newer version`,
    );
  return newer;
}

/** @returns the migrations of a database; none where it has no tables */
export async function appliedMigrations(database: Sql): Promise<AppliedMigrations> {
  const names = await rowsOf<{ name: string }>(database, APPLIED);
  const contracts = await rowsOf<{ name: string; reason: string }>(
    database,
    'SELECT name, reason FROM contract_migrations',
  );
  return {
    names: names.map(({ name }) => name),
    contracts: new Map(contracts.map(({ name, reason }) => [name, reason])),
  };
}

async function rowsOf<Row>(database: Sql, sql: string): Promise<Row[]> {
  const isMissing = (error: unknown) => (error as { code?: unknown }).code === '42P01';
  return database.query<Row>(sql).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}

/** The names of the migrations in a folder `prisma/<service>/migrations`. */
export async function migrationsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
}
