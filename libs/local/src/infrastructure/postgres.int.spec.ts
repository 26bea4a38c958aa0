import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, removeInfrastructure, SetupError, startPostgres } from '../index.js';
import { startTimeOf } from '../process/process-identity.js';
import type { Postgres } from './postgres.js';

let dir: string;
let started: Postgres | undefined;

async function start(): Promise<Postgres> {
  const port = await freePort();
  started = await startPostgres({ dataDir: join(dir, 'postgres'), port, log: join(dir, 'postgres.log') });
  return started;
}

async function query(postgres: Postgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: `${postgres.url}/postgres` });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'orderflow-postgres-'));
  chmodSync(dir, 0o755);
});

afterAll(async () => {
  await started?.stop();
  await removeInfrastructure(dir);
});

describe('PostgreSQL as a child', () => {
  it('keeps its data over a restart', async () => {
    const first = await start();
    await query(first, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start();
    expect(await query(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it('makes commits durable and listens on loopback only', async () => {
    const postgres = await start();
    expect(await query(postgres, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    expect(await query(postgres, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    await postgres.stop();
  });

  it('refuses a client with the wrong password', async () => {
    const postgres = await start();
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

  it('leaves neither a process nor a lock behind after a stop', async () => {
    const postgres = await start();
    await postgres.stop();
    await postgres.stop();
    expect(startTimeOf(postgres.pid)).toBeUndefined();
    expect(existsSync(join(dir, 'postgres.log.pid'))).toBe(false);
  });

  it('names the taken port and its variable in one line', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const starting = startPostgres({ dataDir: join(dir, 'postgres'), port, log: join(dir, 'postgres.log') });
    const error = await starting.then(
      () => undefined,
      (it: unknown) => it,
    );
    other.close();
    expect(error).toBeInstanceOf(SetupError);
    expect(String(error)).toMatch(
      new RegExp(`^SetupError: Port ${port}, needed by PostgreSQL, is taken by another program: .* POSTGRES_PORT\\.$`),
    );
  });
});
