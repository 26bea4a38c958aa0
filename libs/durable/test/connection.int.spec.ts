import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { Proxy } from '@orderflow/local/test/proxy';
import { TestDatabase } from '@orderflow/testing';
import { Connection, Database } from '../src/store/database.js';
import type { Sql } from '../src/index.js';

const own = new TestDatabase('payments');
let database: Database;
const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  database = own.ending(new Database(own.url, 'test'));
  await database.query('CREATE TABLE things (id int PRIMARY KEY, CHECK (id < 100))');
});
afterAll(() => {
  process.off('unhandledRejection', note);
});

const connection = (url = own.url) => own.ending(new Connection(url, 'mine'));

const insert = (sql: Sql, id: number) => sql.query('INSERT INTO things (id) VALUES ($1)', [id]);
const has = async (id: number) => (await database.query('SELECT 1 FROM things WHERE id = $1', [id])).length === 1;

/** A proxy in front of the database. */
async function network() {
  const { hostname, port } = new URL(own.url);
  const proxy = await Proxy.start(0, Number(port), hostname);
  own.beforeDrop(async () => proxy.stop());
  const url = new URL(own.url);
  url.host = `127.0.0.1:${proxy.port}`;
  return { url: url.href, proxy };
}

/**
 * Whether the work ends before a timer of so many seconds that began with it, whether it fails or not. A machine that stands
 * still holds up both.
 */
async function endsWithin(seconds: number, work: () => Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  const ended = await Promise.race([
    work().then(
      () => true,
      () => true,
    ),
    pause(seconds * 1_000, false, { signal: late.signal }),
  ]);
  late.abort();
  return ended;
}

describe('a transaction', () => {
  it('commits all of its statements or none', async () => {
    const mine = connection();
    await mine.transaction((sql) => insert(sql, 1));
    const failing = mine.transaction(async (sql) => {
      await insert(sql, 2);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect([await has(1), await has(2)]).toEqual([true, false]);
  });

  it('sends the statements that are started together in one write', async () => {
    const mine = connection();
    await mine.transaction((sql) => insert(sql, 20));
    const writes = [jest.spyOn(Socket.prototype, '_write'), jest.spyOn(Socket.prototype, '_writev')];
    await mine.transaction(async (sql) => {
      await Promise.all([insert(sql, 21), insert(sql, 22), insert(sql, 23)]);
      await Promise.all([insert(sql, 24), insert(sql, 25), insert(sql, 26)]);
    });
    const count = writes.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    jest.restoreAllMocks();
    // The last one is COMMIT.
    expect(count).toBe(3);
  });

  it('rejects with its first failure, whatever the number of later statements and the order of their results', async () => {
    const deep = async (promise: Promise<unknown>, depth: number): Promise<unknown> =>
      depth === 0 ? promise : deep(promise, depth - 1);
    const failing = connection().transaction((sql) =>
      Promise.all([deep(insert(sql, 100), 20), insert(sql, 3), insert(sql, 4)]),
    );
    await expect(failing).rejects.toMatchObject({ code: '23514' });
    expect([await has(3), await has(4)]).toEqual([false, false]);
  });

  it('rejects when a failure in it was swallowed', async () => {
    const failing = connection().transaction(async (sql) => {
      await insert(sql, 5);
      // Swallowed on purpose: COMMIT has to tell.
      await insert(sql, 100).catch(() => undefined);
    });
    await expect(failing).rejects.toThrow('ended with ROLLBACK');
    expect(await has(5)).toBe(false);
  });

  it('works on a new connection after the old one was terminated, idle or in use', async () => {
    const mine = connection();
    const kill = () =>
      database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mine'`,
      );
    await mine.transaction((sql) => sql.query('SELECT 1'));
    await kill();
    await eventually(() => !mine.isOpen);
    await mine.transaction((sql) => insert(sql, 6));
    const failing = mine.transaction(async (sql) => {
      await insert(sql, 7);
      await kill();
      await Promise.all([insert(sql, 8), insert(sql, 9)]);
    });
    // The error depends on a race: the server's message, the end of the stream, or the write into it.
    await expect(failing).rejects.toThrow(/connection|EPIPE|ECONNRESET/i);
    await mine.transaction((sql) => insert(sql, 10));
    expect([await has(6), await has(7), await has(8), await has(10)]).toEqual([true, false, false, true]);
  });
});

describe('a session', () => {
  const pidOf = async (mine: Connection) =>
    (await mine.session((sql) => sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')))[0]!.pid;

  // proves: a session keeps its locks until its connection fails
  it('outlives a statement that the server refuses, and an error of the work in it', async () => {
    const mine = connection();
    const pid = await pidOf(mine);
    await expect(mine.session((sql) => insert(sql, 100))).rejects.toMatchObject({ code: '23514' });
    expect(await pidOf(mine)).toBe(pid);
    await expect(mine.session(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await pidOf(mine)).toBe(pid);
  });

  it('is a new one after its connection was cut', async () => {
    const mine = connection();
    const pid = await pidOf(mine);
    const ended = mine.session((sql) => sql.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(ended).rejects.toThrow(/terminat|connection/i);
    await eventually(() => !mine.isOpen);
    expect(await pidOf(mine)).not.toBe(pid);
  });
});

describe('a connection', () => {
  it('fails within 3 s while the database hangs, and connects again once it answers', async () => {
    const { url, proxy } = await network();
    const mine = connection(url);
    const resume = proxy.begin('half-open');
    expect(await endsWithin(3, () => mine.session((sql) => sql.query('SELECT 1')))).toBe(true);
    resume();
    expect(await mine.session((sql) => sql.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    proxy.begin('reset')();
    await eventually(() => !mine.isOpen);
    expect(await mine.session((sql) => sql.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
  });

  it('gives up after about 5 s when the database hangs, and works again when it answers', async () => {
    const { url, proxy } = await network();
    const mine = connection(url);
    await mine.session((sql) => sql.query('SELECT 1'));
    const resume = proxy.begin('half-open');
    const many = () => mine.transaction((sql) => Promise.all([insert(sql, 11), insert(sql, 12), insert(sql, 13)]));
    expect(await endsWithin(6.5, many)).toBe(true);
    resume();
    await many();
    expect(await has(13)).toBe(true);
  });

  it('ends within 3 s although the database hangs', async () => {
    const { url, proxy } = await network();
    const mine = connection(url);
    const pool = new Database(url, 'pool');
    await Promise.all([mine.session((sql) => sql.query('SELECT 1')), pool.query('SELECT 1')]);
    proxy.begin('half-open');
    expect(await endsWithin(3, () => Promise.all([mine.end(), pool.end()]))).toBe(true);
  });

  it('leaves no unhandled rejection', () => expect(unhandled).toEqual([]));
});
