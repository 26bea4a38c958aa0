import pg from 'pg';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const MIGRATIONS = join(import.meta.dirname, '../../../prisma/sandbox/migrations');

/** A fresh database with the sandbox's tables, on the server of DATABASE_URL. */
export async function ownDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env['DATABASE_URL'];
  if (!server) throw new Error('DATABASE_URL is not set: these tests need a PostgreSQL server');
  const name = `sandbox_${randomUUID().replaceAll('-', '')}`;
  const url = at(server, name);
  await run(at(server, 'postgres'), `CREATE DATABASE ${name}`);
  for (const folder of (await readdir(MIGRATIONS)).toSorted()) {
    if (!folder.includes('.')) await run(url, await readFile(join(MIGRATIONS, folder, 'migration.sql'), 'utf8'));
  }
  return { url, drop: () => run(at(server, 'postgres'), `DROP DATABASE ${name} WITH (FORCE)`) };
}

function at(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
