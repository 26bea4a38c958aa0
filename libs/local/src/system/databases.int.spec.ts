import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connected,
  databaseUrlAs,
  databaseUrlOf,
  freePort,
  type Logins,
  makeRoles,
  type Postgres,
  type PostgresRole,
  prepareDatabases,
  removeInfrastructure,
  startPostgres,
  temporaryFolder,
} from '../index.js';
import type { Client } from '@orderflow/postgres';
import { keptLogins } from '../security/logins.js';
import { copyDatabase, restoreDatabase } from '../../test/database-copies.js';

const dir = temporaryFolder('roles');
const log = join(dir, 'postgres.log');
let postgres: Postgres | undefined;
let url: string;
let logins: Logins;

beforeAll(async () => {
  const settings = { log_statement: 'all' };
  postgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: await freePort(), log, settings });
  url = postgres.url;
  logins = await keptLogins(join(dir, 'security'), '');
}, 120_000);

afterAll(async () => {
  await postgres?.stop();
  await removeInfrastructure(dir);
});

it('a server that logs every statement does not log the passwords of the roles, who log in by them', async () => {
  await makeRoles(url, logins);
  const ownName = async (client: Client) => (await client.query('SELECT current_user AS name')).rows;
  const as = databaseUrlAs('orders', databaseUrlOf(url, 'postgres'), logins);
  expect(await connected(as, ownName)).toEqual([{ name: 'orders' }]);
  const lines = readFileSync(log, 'utf8');
  expect(lines).toContain('ALTER ROLE "orders"');
  for (const password of Object.values(logins.postgres)) expect(lines).not.toContain(password);
});

it('a database that was restored from a copy is prepared again: its own program enters it, and no other', async () => {
  await prepareDatabases({ databaseUrl: url, logins }, '', ['inventory']);
  await copyDatabase(url, 'inventory', 'copy');
  await restoreDatabase(url, 'inventory', 'copy');
  await prepareDatabases({ databaseUrl: url, logins }, '', ['inventory']);
  const entered = async (role: PostgresRole) =>
    connected(databaseUrlAs(role, databaseUrlOf(url, 'inventory'), logins), async (client) =>
      client.query('SELECT FROM stock'),
    ).then(
      () => true,
      (error: unknown) => (error as { code?: string }).code,
    );
  expect(await entered('inventory')).toBe(true);
  expect(await entered('orders')).toBe('42501');
});
