import { afterEach, describe, expect, it } from '@jest/globals';
import { connected } from '@orderflow/local';
import { TestDatabase } from '@orderflow/testing';
import { type Access, databaseOf, openClient, openPool, roleOf } from '../src/index.js';

const own = new TestDatabase('payments');
const access = (): Access => ({ url: own.url, name: 'test', connectTimeoutMs: 10_000 });

const MOMENT = new Date('2026-11-30T12:34:56.789Z');

/** What a database or a role has set, in places of its own. */
const places = {
  'the database': () => `DATABASE "${databaseOf(own.url)}"`,
  'the role': () => `ROLE "${roleOf(own.url)}" IN DATABASE "${databaseOf(own.url)}"`,
};

const alter = async (sql: string) => connected(own.url, async (client) => client.query(sql));

afterEach(async () => {
  for (const place of Object.values(places)) await alter(`ALTER ${place()} RESET ALL`);
});

describe.each(Object.entries(places))('settings of %s', (_name, place) => {
  it.each([
    ['DateStyle', 'German'],
    ['DateStyle', 'SQL, DMY'],
    ['TimeZone', 'Asia/Kolkata'],
    ['TimeZone', 'America/New_York'],
  ])('leave times as they are: %s %s', async (name, value) => {
    await alter(`ALTER ${place()} SET ${name} = '${value}'`);
    const [client, pool] = [await openClient(access()), openPool(access(), 1)];
    const sql = `SELECT $1::timestamptz AS moment, $1::timestamptz::text AS text`;
    const results = await Promise.all([client.query(sql, [MOMENT]), pool.query(sql, [MOMENT])]);
    await Promise.all([client.end(), pool.end()]);
    const row = { moment: MOMENT, text: '2026-11-30 12:34:56.789+00' };
    expect(results.map(({ rows }) => rows as unknown)).toEqual([[row], [row]]);
  });

  it('do not shorten a session or its statements, and do not give up durability', async () => {
    for (const limit of ['statement_timeout', 'lock_timeout', 'idle_session_timeout'])
      await alter(`ALTER ${place()} SET ${limit} = '50ms'`);
    await alter(`ALTER ${place()} SET synchronous_commit = 'off'`);
    const client = await openClient({ ...access(), settings: { lock_timeout: '3s' } });
    await client.query('SELECT pg_sleep(0.1)');
    const { rows } = await client.query(
      `SELECT current_setting('synchronous_commit') AS commit, current_setting('lock_timeout') AS lock`,
    );
    await client.end();
    expect(rows).toEqual([{ commit: 'on', lock: '3s' }]);
  });
});
