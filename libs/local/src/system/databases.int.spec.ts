import { afterAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connected,
  databaseUrlAs,
  databaseUrlOf,
  freePort,
  makeRoles,
  type Postgres,
  removeInfrastructure,
  startPostgres,
  temporaryFolder,
} from '../index.js';
import { keptLogins } from '../security/logins.js';

const dir = temporaryFolder('roles');
const log = join(dir, 'postgres.log');
let postgres: Postgres | undefined;

afterAll(async () => {
  await postgres?.stop();
  await removeInfrastructure(dir);
});

it('a server that logs every statement does not log the passwords of the roles, who log in by them', async () => {
  const settings = { log_statement: 'all' };
  postgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: await freePort(), log, settings });
  const { url } = postgres;
  const logins = await keptLogins(join(dir, 'security'), '');
  await makeRoles(url, logins);
  const ownName = async (client: { query: (sql: string) => Promise<{ rows: unknown[] }> }) =>
    (await client.query('SELECT current_user AS name')).rows;
  const as = databaseUrlAs('orders', databaseUrlOf(url, 'postgres'), logins);
  expect(await connected(as, ownName)).toEqual([{ name: 'orders' }]);
  const lines = readFileSync(log, 'utf8');
  expect(lines).toContain('ALTER ROLE "orders"');
  for (const password of Object.values(logins.postgres)) expect(lines).not.toContain(password);
}, 60_000);
