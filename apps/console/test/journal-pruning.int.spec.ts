import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { parseConfig } from '@orderflow/config';
import type { OrderPage } from '@orderflow/console-api';
import type { Event } from '@orderflow/contracts';
import { Connection, Database, systemClock } from '@orderflow/durable';
import { TestDatabase } from '@orderflow/testing';
import { connect } from '../src/adapters/connect.js';
import { JournalPruning } from '../src/adapters/journal-pruning.js';
import { JournalRuntime } from '../src/adapters/journal-runtime.js';
import { schema } from '../src/config.js';
import { search } from '../src/domain/search.js';
import { ConsoleApp } from './console-app.js';
import { JournalSystem } from './journal-system.js';
import { aStory } from './stories.js';

const migrations = join(import.meta.dirname, '../../../prisma/console/migrations');

const DAYS = 30;
const daysAgo = (days: number): string => new Date(Date.now() - days * 24 * 3_600_000).toISOString();
const pruningOf = (url: string): JournalPruning =>
  new JournalPruning(new Connection(url, 'pruning'), DAYS, systemClock, { warn: () => undefined });

describe('a journal that keeps 30 days', () => {
  const system = new JournalSystem();
  const console_ = new ConsoleApp(system);
  const old = aStory('confirmed');
  const stuck = aStory('confirmed');
  const young = aStory('confirmed');
  const idOf = ([placed]: Event[]): string => placed!.subject;

  /** As if its events had been appended 40 days before. */
  const age = async (story: Event[]): Promise<void> => {
    const earlier = (column: string) => `${column} = ${column} - interval '40 days'`;
    await system.database.query(`UPDATE journal SET ${earlier('appended_at')} WHERE subject = $1`, [idOf(story)]);
    await system.database.query(
      `UPDATE heads SET ${['placed_at', 'decided_at', 'settled_at', 'updated_at'].map(earlier).join(', ')} WHERE order_id = $1`,
      [idOf(story)],
    );
  };
  const countOf = async (table: string, story: Event[]): Promise<number> => {
    const column = table === 'heads' ? 'order_id' : 'subject';
    const rows = await system.database.query(`SELECT FROM ${table} WHERE ${column} = $1`, [idOf(story)]);
    return rows.length;
  };
  const rowsOf = (story: Event[]) => Promise.all(['journal', 'heads', 'search_terms'].map((it) => countOf(it, story)));

  beforeAll(async () => {
    await system.consume();
    await system.publish(...old, ...stuck.slice(0, 3), ...young);
    await system.caughtUp();
    await age(old);
    await age(stuck);
    const pruning = pruningOf(system.url);
    await pruning.step();
    await pruning.stop();
  });

  it('deletes settled orders without an event in these days, and no others', async () => {
    expect(await rowsOf(old)).toEqual([0, 0, 0]);
    expect(await rowsOf(stuck)).toEqual([3, 1, expect.any(Number)]);
    expect(await rowsOf(young)).toEqual([young.length, 1, await countOf('search_terms', stuck)]);
    expect(await search(system.journal, idOf(old))).toEqual([]);
    expect(await search(system.journal, idOf(young))).toHaveLength(1);
  });

  it.each([
    '/api/orders',
    '/api/orders/counts',
    '/api/orders/troubles',
    `/api/orders/${idOf(old)}`,
    `/api/orders/${idOf(old)}/story`,
    '/api/flow',
  ])('answers 410 at %s for an instant before them, with the earliest one', async (path) => {
    const { status, body } = await console_.get<{ journalSince: string }>(`${path}?at=${daysAgo(35)}`);
    expect(status).toBe(410);
    const { journalSince } = body;
    expect(Date.parse(journalSince)).toBeLessThanOrEqual(Date.parse(daysAgo(DAYS)));
    expect(Date.parse(journalSince)).toBeGreaterThan(Date.parse(daysAgo(DAYS + 1)));
    expect((await console_.get('/api/me')).body).toMatchObject({ journalSince });
  });

  it('lists from the earliest instant on', async () => {
    const { body } = await console_.get<{ journalSince: string }>('/api/me');
    const listed = await console_.get<OrderPage>(`/api/orders?at=${body.journalSince}`);
    expect(listed.status).toBe(200);
    expect(listed.body.items.map(({ orderId }) => orderId)).toEqual([idOf(stuck)]);
  });

  it('knows a deleted order no more', async () => {
    const answer = await console_.get(`/api/orders/${idOf(old)}`);
    expect(answer).toMatchObject({ status: 404, body: { journalSince: expect.any(String) } });
  });

  it('has the whole story of an order that was not settled, and goes on with it', async () => {
    await system.publish(...stuck.slice(3));
    await system.caughtUp();
    const { body } = await console_.get(`/api/orders/${idOf(stuck)}`);
    expect(body).toMatchObject({ status: 'confirmed', settled: true });
    const pruning = pruningOf(system.url);
    await pruning.step();
    await pruning.stop();
    expect(await countOf('journal', stuck)).toBe(stuck.length);
  });

  it.each([undefined, '30'])('is a setting of the console: CONSOLE_JOURNAL_DAYS=%s', async (days) => {
    const env = { DATABASE_URL: system.url, TOPIC_PREFIX: system.prefix, CONSOLE_JOURNAL_DAYS: days };
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
    const runtime = new JournalRuntime(
      await connect(parseConfig(schema, { ...process.env, ...env }), migrations, log),
      system.prefix,
      log,
    );
    expect(runtime.parts.pruning !== undefined).toBe(days !== undefined);
    await age(young);
    const left = days === undefined ? await rowsOf(young) : [0, 0, 0];
    await runtime.onApplicationBootstrap();
    await eventually(async () => expect(await rowsOf(young)).toEqual(left));
    await runtime.onApplicationShutdown();
  });

  it('keeps no less than the topics', () => {
    const days = (text: string) => () => parseConfig(schema, { ...process.env, CONSOLE_JOURNAL_DAYS: text });
    expect(days('8')).toThrow('CONSOLE_JOURNAL_DAYS');
    expect(days('9')).not.toThrow();
  });
});

describe('pruning', () => {
  const own = new TestDatabase('console', 'test');

  const given = async (database: Database, count: number): Promise<void> => {
    await database.query(
      `INSERT INTO heads (order_id, stock, payment, settled, placed_at, updated_at, said_at, told, heard)
       SELECT n, 'committed', 'captured', true, at, at, at, '{}', '{}'
       FROM generate_series(1, $1::int) AS n, LATERAL (SELECT now() - interval '40 days' AS at)`,
      [count],
    );
  };
  const left = async (database: Database): Promise<number> => (await database.query('SELECT FROM heads')).length;

  it('deletes a bounded number of orders in a transaction, and says that there are more', async () => {
    const database = own.ending(new Database(own.url, 'test'));
    const pruning = pruningOf(own.url);
    own.beforeDrop(() => pruning.stop());
    await given(database, 250);
    expect(await pruning.step()).toBe(true);
    expect(await left(database)).toBe(50);
    expect(await pruning.step()).toBe(false);
    expect(await left(database)).toBe(0);
  });

  it('keeps an order to which the writer adds an event meanwhile', async () => {
    const database = own.ending(new Database(own.url, 'test'));
    const pruning = pruningOf(own.url);
    own.beforeDrop(() => pruning.stop());
    const writer = own.ending(new Connection(own.url, 'writer'));
    await given(database, 1);
    const pruned = await writer.transaction(async (sql) => {
      await sql.query('SELECT position FROM journal_end FOR UPDATE');
      const step = pruning.step();
      await eventually(async () => {
        const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        expect(await database.query(waiting)).toHaveLength(1);
      });
      await sql.query('UPDATE heads SET updated_at = now()');
      return { step };
    });
    expect(await pruned.step).toBe(false);
    expect(await left(database)).toBe(1);
  });
});
