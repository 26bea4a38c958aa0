import { Database } from '@orderflow/durable';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MIGRATIONS = join(import.meta.dirname, '../../../prisma/inventory/migrations');

/** A database of this test's own on the server of DATABASE_URL, with this service's tables. */
export async function ownDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env['DATABASE_URL'];
  if (!server) throw new Error('DATABASE_URL is not set: run npm test, or tools/infra.ts and export what it prints');
  const name = `inventory_${randomUUID().replaceAll('-', '')}`;
  const url = at(server, name);
  await run(at(server, 'postgres'), `CREATE DATABASE ${name}`);
  for (const folder of readdirSync(MIGRATIONS).toSorted())
    if (!folder.includes('.')) await run(url, readFileSync(join(MIGRATIONS, folder, 'migration.sql'), 'utf8'));
  return { url, drop: () => run(at(server, 'postgres'), `DROP DATABASE ${name} WITH (FORCE)`) };
}

const at = (server: string, database: string): string =>
  Object.assign(new URL(server), { pathname: `/${database}` }).href;

async function run(url: string, sql: string): Promise<void> {
  const database = new Database(url, 'inventory test', 1);
  try {
    await database.query(sql);
  } finally {
    await database.end();
  }
}
