import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  connected,
  freePort,
  listenOn,
  removeInfrastructure,
  SetupError,
  startPostgres,
  temporaryFolder,
} from '../index.js';
import { startTimeOf } from '../process/process-identity.js';
import type { Postgres } from './postgres.js';

const dir = temporaryFolder('postgres');
let started: Postgres | undefined;

async function start(port?: number): Promise<Postgres> {
  const options = { dataDir: join(dir, 'postgres'), log: join(dir, 'postgres.log') };
  started = await startPostgres({ ...options, port: port ?? (await freePort()) });
  return started;
}

const query = async ({ url }: Pick<Postgres, 'url'>, sql: string): Promise<unknown[]> =>
  connected(`${url}/postgres`, async (client) => (await client.query(sql)).rows);

afterAll(async () => {
  await started?.stop();
  await removeInfrastructure(dir);
});

describe('PostgreSQL as a child', () => {
  it('keeps its data over a restart, and leaves neither a process nor a lock behind after a stop', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await first.stop();
    expect(startTimeOf(first.pid)).toBeUndefined();
    expect(existsSync(join(dir, 'postgres.log.pid'))).toBe(false);
    const second = await start();
    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it('makes commits durable, listens on loopback only, and refuses a wrong password', async () => {
    const postgres = await start();
    expect(await query(postgres, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(postgres, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const wrong = { ...postgres, url: postgres.url.replace(/:[^:@]+@/, ':wrong@') };
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed');
    await postgres.stop();
  });

  it('reports a kill, and has the committed data after a restart', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE survived AS SELECT 1 AS one');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.died).toContain('SIGKILL');
    const second = await start();
    expect(await query(second, 'SELECT one FROM survived')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('starts although the pid in a stale lock file belongs to another program', async () => {
    const first = await start();
    const [{ data_directory: data }] = (await query(first, 'SHOW data_directory')) as [{ data_directory: string }];
    const lock = readFileSync(join(data, 'postmaster.pid'), 'utf8');
    await first.stop();
    writeFileSync(join(data, 'postmaster.pid'), lock.replace(/^\d+/, String(process.pid)));
    const second = await start();
    expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('names the taken port and its variable in one line', async () => {
    const other = createServer();
    const port = await listenOn(other);
    const error = await start(port).catch((it: unknown) => it);
    other.close();
    expect(error).toBeInstanceOf(SetupError);
    expect(String(error)).toMatch(
      new RegExp(`^SetupError: Port ${port}, needed by PostgreSQL, is taken by another program: .* POSTGRES_PORT\\.$`),
    );
  });
});
