import { afterEach, describe, expect, it } from '@jest/globals';
import { databaseUrlOf } from '@orderflow/local';
import { type PgBouncer, startPgBouncer, withoutPgBouncer } from '@orderflow/local/test/pgbouncer';
import { TestDatabase } from '@orderflow/testing';
import { type Access, assertOwnProcesses, databaseOf, openClient } from '../src/index.js';

if (withoutPgBouncer) console.log(`Not checked: sessions through a pooler. ${withoutPgBouncer}.`);

const own = new TestDatabase('payments');

const REFUSED = /^DATABASE_URL: at 127\.0\.0\.1:\d+\/\w+ .* set "pool_mode = session" .*$/;

const through = ({ url }: PgBouncer): Access => ({
  url: databaseUrlOf(url, databaseOf(own.url)),
  name: 'test',
  connectTimeoutMs: 10_000,
  settings: { statement_timeout: '5s', idle_session_timeout: '15s' },
});

describe('PostgreSQL itself', () => {
  it('gives each session a process of its own', async () => {
    await assertOwnProcesses({ url: own.url, name: 'test', connectTimeoutMs: 10_000 });
  });
});

(withoutPgBouncer ? describe.skip : describe)('PgBouncer with its default settings', () => {
  let pooler: PgBouncer;
  const start = async (mode: 'session' | 'transaction' | 'statement') => {
    pooler = await startPgBouncer(own.url, mode, databaseOf(own.url));
  };
  afterEach(() => pooler.stop());

  it('gives each session a process of its own in session mode, with its settings', async () => {
    await start('session');
    await assertOwnProcesses(through(pooler));
    const client = await openClient(through(pooler));
    const { rows } = await client.query('SHOW idle_session_timeout');
    await client.end();
    expect(rows).toEqual([{ idle_session_timeout: '15s' }]);
  });

  it('is refused in transaction mode, in one line that says what to set', async () => {
    await start('transaction');
    await expect(assertOwnProcesses(through(pooler))).rejects.toThrow(REFUSED);
  });

  it('is refused in transaction mode while others use it too', async () => {
    await start('transaction');
    const others = await Promise.all(Array.from({ length: 5 }, () => openClient(through(pooler))));
    let isOver = false;
    const busy = others.map(async (client) => {
      while (!isOver) await client.query('SELECT pg_sleep(0.001)');
      await client.end();
    });
    await expect(assertOwnProcesses(through(pooler))).rejects.toThrow(REFUSED);
    isOver = true;
    await Promise.all(busy);
  });

  it('is refused in statement mode', async () => {
    await start('statement');
    await expect(assertOwnProcesses(through(pooler))).rejects.toThrow(REFUSED);
  });
});
