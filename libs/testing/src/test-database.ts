import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { databaseUrlOf, migrate } from '@orderflow/local';
import pg from 'pg';

const migrations = (service: string): string => join(import.meta.dirname, '../../../prisma', service, 'migrations');

/** A new database with a service's tables, on the server of DATABASE_URL. Call `drop` after the test. */
export async function testDatabase(service: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env['DATABASE_URL'];
  if (!server) throw new Error('DATABASE_URL is not set: run npm test, or scripts/infra.ts and export what it prints');
  const name = `${service}_${randomUUID().replaceAll('-', '')}`;
  const url = databaseUrlOf(server, name);
  await migrate({ databaseUrl: url, folder: migrations(service) });
  return { url, drop: () => dropDatabase(databaseUrlOf(server, 'postgres'), name) };
}

async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`DROP DATABASE "${name}" WITH (FORCE)`);
  await client.end();
}
