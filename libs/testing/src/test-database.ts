import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connected, databaseUrlOf, migrate } from '@orderflow/local';

const migrations = (service: string): string => join(import.meta.dirname, '../../../prisma', service, 'migrations');

/** A new database with a service's tables, on the server of DATABASE_URL. Call `drop` after the test. */
export async function testDatabase(service: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env['DATABASE_URL'];
  if (!server) throw new Error('DATABASE_URL is not set: run npm test, or scripts/infra.ts and export what it prints');
  const name = `${service}_${randomUUID().replaceAll('-', '')}`;
  const url = databaseUrlOf(server, name);
  await migrate({ databaseUrl: url, folder: migrations(service) });
  const drop = async () =>
    connected(databaseUrlOf(server, 'postgres'), async (client) =>
      client.query(`DROP DATABASE "${name}" WITH (FORCE)`),
    );
  return { url, drop: async () => void (await drop()) };
}
