import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type OutgoingRecord, type Publisher, PublishRefused } from '@orderflow/kafka';
import { TestDatabase } from '@orderflow/testing';
import { systemClock } from '../src/base/clock.js';
import { quietLog } from './counters.js';
import { Connection, Database } from '../src/store/database.js';
import { Outbox } from '../src/outbox/outbox.js';
import { PostgresStore } from '../src/store/postgres-store.js';
import { RELAY_SESSION } from '../src/outbox/shard-locks.js';
import { Relay } from '../src/outbox/relay.js';

const outbox = new Outbox();
const own = new TestDatabase('payments', 'test');
let database: Database;

beforeEach(() => {
  database = own.ending(new Database(own.url, 'test'));
});

const record = (key: string, text: string): OutgoingRecord => ({
  topic: 'orders.events',
  key,
  value: Buffer.from(text),
  headers: { ce_id: text },
});

/** A publisher that notes the published values once `publish` is done, which may throw. */
function notingPublisher(publish: (records: readonly OutgoingRecord[]) => unknown = () => undefined) {
  const published: string[] = [];
  const publisher: Publisher = {
    publish: async (records) => {
      await publish(records);
      published.push(...records.map(({ value }) => value.toString()));
    },
  };
  return { published, publisher };
}

function startRelay(publisher: Publisher, name = 'relay', pollMs = 50, session = {}): Relay {
  class OwnSession extends PostgresStore {
    override session(): Connection {
      return new Connection(own.url, name, { ...RELAY_SESSION, ...session });
    }
  }
  const relay = new Relay('payments', {
    store: new OwnSession(database, own.url),
    broker: { ...publisher, consume: () => Promise.reject(new Error('not used')) },
    clock: systemClock,
    log: quietLog,
    settings: { topicPrefix: '', outboxPollMs: pollMs },
  });
  own.beforeDrop(() => relay.stop());
  relay.start();
  return relay;
}

const append = (...records: OutgoingRecord[]) => outbox.append(database, records);
const isDrained = async () => (await outbox.state(database)).pending === 0;
const texts = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(4, '0'));

describe('the relay', () => {
  // proves: the outbox is read in the order of its ids, as numbers
  it('publishes committed rows in order and deletes them', async () => {
    const { published, publisher } = notingPublisher();
    await append(...texts(100).map((text) => record('k', text)));
    startRelay(publisher);
    await eventually(isDrained);
    expect(published).toEqual(texts(100));
  });

  // proves: the relay has no cursor: a lower id that is committed late is found
  it('publishes a row with a lower id that is committed late', async () => {
    const { published, publisher } = notingPublisher();
    const late = new Connection(own.url, 'late');
    startRelay(publisher);
    await late.transaction(async (sql) => {
      await outbox.append(sql, [record('late', 'late')]);
      await append(...texts(100).map((text) => record(text, text)));
      await eventually(() => published.length === 100);
    });
    await eventually(isDrained);
    expect(published.at(-1)).toBe('late');
    await late.end();
  });

  it('publishes no row before its commit, and none that is rolled back', async () => {
    const { published, publisher } = notingPublisher();
    const open = new Connection(own.url, 'open');
    startRelay(publisher);
    const rolledBack = open.transaction(async (sql) => {
      await outbox.append(sql, [record('k', 'never')]);
      await append(record('k', 'now'));
      await eventually(isDrained);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    await append(record('k', 'later'));
    await eventually(isDrained);
    expect(published).toEqual(['now', 'later']);
    await open.end();
  });

  // proves: the relay deletes only what was acknowledged
  it('publishes again, with the same ids, after an unknown outcome', async () => {
    let failures = 2;
    const sent: string[] = [];
    const { published, publisher } = notingPublisher((records) => {
      sent.push(...records.map(({ headers }) => headers['ce_id']!));
      if (failures-- > 0) throw new Error('no answer');
    });
    await append(record('k', 'a'), record('k', 'b'));
    startRelay(publisher);
    await eventually(isDrained);
    expect([sent, published]).toEqual([
      ['a', 'b', 'a', 'b', 'a', 'b'],
      ['a', 'b'],
    ]);
  });

  // proves: a row that the broker refuses is rejected, and the others are sent
  // proves: a rejected row holds back its own key
  it('marks a row that the broker refuses as rejected, holds back its key only, and publishes the rest', async () => {
    const { published, publisher } = notingPublisher((records) => {
      if (records.some(({ value }) => value.toString() === 'bad')) throw new PublishRefused(new Error('too large'));
    });
    await outbox.append(database, [
      record('a', 'a1'),
      record('x', 'bad'),
      record('b', 'b1'),
      record('x', 'blocked'),
      record('a', 'a2'),
    ]);
    startRelay(publisher);
    await eventually(() => ['a1', 'a2', 'b1'].every((text) => published.includes(text)));
    await database.query(`UPDATE outbox SET created_at = now() - interval '1 hour'`);
    // A restart would not help a rejected row, so it does not count as old.
    expect(await outbox.state(database)).toEqual({ pending: 1, rejected: 1, oldestAgeMs: 0 });
    expect([published.includes('blocked'), published.indexOf('a1') < published.indexOf('a2')]).toEqual([false, true]);
  });

  it('reads at most one batch of the broker at a time, and at least one row', async () => {
    const large = Buffer.alloc(30_000);
    await outbox.append(database, [{ ...record('k', 'large'), value: Buffer.alloc(20_000_000) }]);
    expect(await outbox.unsent(database, [0, 1, 2, 3], 500)).toHaveLength(1);
    await database.query('TRUNCATE outbox');
    await outbox.append(
      database,
      Array.from({ length: 50 }, () => ({ ...record('k', 'large'), value: large })),
    );
    const rows = await outbox.unsent(database, [0, 1, 2, 3], 500);
    expect(rows.length * large.length).toBe(900_000);
    await database.query('TRUNCATE outbox');
  });

  it('keeps the order of each key while relays lose their connections at random', async () => {
    const keys = Array.from({ length: 20 }, () => randomUUID());
    // A slow broker: a relay may lose its locks while it waits for the answer.
    const { published, publisher } = notingPublisher(() => pause(Math.random() * 10));
    for (const name of ['one', 'two', 'three']) startRelay(publisher, `relay ${name}`);
    for (const text of texts(100)) {
      await append(...keys.map((key) => record(key, `${key}/${text}`)));
      if (Math.random() < 0.2) await killARelay();
    }
    await eventually(isDrained, 60_000);
    for (const key of keys) {
      const seen = [...new Set(published.filter((text) => text.startsWith(key)))];
      expect(seen).toEqual(texts(100).map((text) => `${key}/${text}`));
    }
  }, 90_000);

  // proves: one relay at a time works on a shard
  it('never publishes a key while another relay publishes it', async () => {
    const keys = Array.from({ length: 20 }, () => randomUUID());
    const sending = new Set<string>();
    let overlaps = 0;
    const { published, publisher } = notingPublisher(async (records) => {
      const own = new Set(records.map(({ key }) => key));
      for (const key of own) if (sending.has(key)) overlaps += 1;
      for (const key of own) sending.add(key);
      await pause(Math.random() * 10);
      for (const key of own) sending.delete(key);
    });
    for (const name of ['one', 'two', 'three']) startRelay(publisher, `relay ${name}`);
    for (const text of texts(20)) await append(...keys.map((key) => record(key, `${key}/${text}`)));
    await eventually(async () => overlaps > 0 || (await isDrained()));
    expect([overlaps, published.length]).toEqual([0, keys.length * 20]);
  });

  // proves: a new session of the relay holds no lock of the old one
  it('publishes nothing after its session has ended, until it holds a lock again', async () => {
    const { published, publisher } = notingPublisher();
    startRelay(publisher);
    await eventually(async () => String(await shardsHeld()) === '4');
    const rival = new Connection(own.url, 'rival');
    await rival.session(async (sql) => {
      // First in the queue for the locks, before the relay.
      const acquired = sql.query('SELECT pg_advisory_lock($1, shard) FROM generate_series(1, 4) AS shard', [0x0f10]);
      await eventually(isLockAwaited);
      await killARelay();
      await acquired;
      await append(record('k', 'a'));
      // In its new session the relay has tried to lock, or has published without a lock.
      await eventually(async () => published.length > 0 || (await hasTriedToLock()));
      expect(published).toEqual([]);
    });
    await rival.end();
    await eventually(() => published.length === 1);
  });

  it('divides the shards with a relay that starts later', async () => {
    const [one, two] = [notingPublisher(), notingPublisher()];
    startRelay(one.publisher);
    await eventually(async () => String(await shardsHeld()) === '4');
    const second = startRelay(two.publisher);
    await eventually(async () => String(await shardsHeld()) === '2,2');
    const keys = Array.from({ length: 100 }, () => randomUUID());
    await append(...keys.map((key) => record(key, key)));
    await eventually(isDrained);
    expect([...one.published, ...two.published].toSorted()).toEqual(keys.toSorted());
    expect([one.published.length > 0, two.published.length > 0]).toEqual([true, true]);
    await second.stop();
    await eventually(async () => String(await shardsHeld()) === '4');
  });

  it('loses its shards to another relay when its process is paused, and only publishes again when it continues', async () => {
    const paused = Promise.withResolvers<void>();
    const first = notingPublisher(() => paused.promise);
    // As a process that is paused while it waits for the broker. A short timeout of its session makes the test fast.
    expect(Number.parseInt(RELAY_SESSION.idle_session_timeout)).toBeGreaterThan(10);
    startRelay(first.publisher, 'stopped', 50, { idle_session_timeout: '300ms' });
    await append(...texts(20).map((text) => record(text, text)));
    await eventually(async () => {
      const rows = await database.query(`SELECT FROM pg_stat_activity WHERE application_name = 'stopped'`);
      return rows.length === 1;
    });
    const other = notingPublisher();
    startRelay(other.publisher, 'other');
    await eventually(isDrained);
    expect(new Set(other.published)).toEqual(new Set(texts(20)));

    paused.resolve();
    await eventually(() => first.published.length > 0);
    await append(record('k', 'next'));
    await eventually(isDrained);
    expect([...first.published, ...other.published].filter((text) => text === 'next')).toEqual(['next']);
  });

  it('polls at once when it is poked', async () => {
    const { published, publisher } = notingPublisher();
    const relay = startRelay(publisher, 'relay', 1_000_000);
    await eventually(async () => (await shardsHeld()).length === 1);
    await append(record('k', 'a'));
    relay.poke();
    await eventually(() => published.length === 1);
    expect(published).toEqual(['a']);
  });
});

/** The number of shards that each relay has locked. */
const shardsHeld = async () =>
  (
    await database.query<{ held: number }>(
      `SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND objid > 0 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid`,
    )
  ).map(({ held }) => held);

const exists = async (from: string) => (await database.query(`SELECT 1 FROM ${from}`)).length > 0;

const isLockAwaited = () =>
  exists(`pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);

/** Whether the last statement of a relay was for a lock. */
const hasTriedToLock = () =>
  exists(`pg_stat_activity WHERE datname = current_database() AND application_name = 'relay'
          AND query LIKE '%pg_try_advisory_lock%'`);

const killARelay = () =>
  database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'relay%' ORDER BY random() LIMIT 1`,
  );
