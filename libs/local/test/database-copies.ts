import { connected, databaseUrlOf, dropDatabase } from '@orderflow/local';
import type { Client } from '@orderflow/postgres';

/**
 * Copies a database as it is at one moment, while its service works: its connections are cut meanwhile.
 * @param serverUrl without a database
 * @throws Error when the server does not answer; may be called again
 */
export async function copyDatabase(serverUrl: string, database: string, copy: string): Promise<void> {
  await dropDatabase(databaseUrlOf(serverUrl, copy));
  await connected(databaseUrlOf(serverUrl, 'postgres'), async (client) => {
    // A template must have no connections.
    await client.query(`ALTER DATABASE "${database}" ALLOW_CONNECTIONS false`);
    try {
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database]);
      // Its owner migrates it, after a restore too. Rights on the database itself are not copied.
      await client.query(`CREATE DATABASE "${copy}" OWNER "${await ownerOf(client, database)}" TEMPLATE "${database}"`);
    } finally {
      await client.query(`ALTER DATABASE "${database}" ALLOW_CONNECTIONS true`);
    }
  });
}

/**
 * Puts a copy in the place of a database whose service is stopped.
 * @throws Error when the server does not answer; may be called again
 */
export async function restoreDatabase(serverUrl: string, database: string, copy: string): Promise<void> {
  await connected(databaseUrlOf(serverUrl, 'postgres'), async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [copy]);
    // An earlier call has renamed it, and its answer was lost.
    if (rowCount === 0) return;
    await client.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    await client.query(`ALTER DATABASE "${copy}" RENAME TO "${database}"`);
  });
}

async function ownerOf(client: Client, database: string): Promise<string> {
  const { rows } = await client.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [database],
  );
  return rows[0]!.owner;
}
