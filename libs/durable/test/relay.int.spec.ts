import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutgoingRecord, type Publisher, PublishRefused } from '@orderflow/kafka';
import { testDatabase } from '@orderflow/testing';
import { systemClock } from '../src/base/clock.js';
import { quietLog } from './counters.js';
import { Connection, Database } from '../src/store/database.js';
import { Outbox } from '../src/outbox/outbox.js';
import { PostgresStore } from '../src/store/postgres-store.js';
import { RELAY_SESSION } from '../src/outbox/shard-locks.js';
import { Relay } from '../src/outbox/relay.js';

const outbox = new Outbox();
let own: Awaited<ReturnType<typeof testDatabase>>;
let database: Database;
let relays: Relay[];

beforeEach(async () => {
  own = await testDatabase('payments');
  database = new Database(own.url, 'test');
  relays = [];
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await database.end();
  await own.drop();
});

const record = (key: string, text: string): OutgoingRecord => ({
  topic: 'orders.events',
  key,
  value: Buffer.from(text),
  headers: { ce_id: text },
});

/** Writes down what is published; `publish` may be made to fail. */
function paper(publish: (records: readonly OutgoingRecord[]) => void = () => undefined) {
  const written: string[] = [];
  const publisher: Publisher = {
    publish: async (records) => {
      publish(records);
      written.push(...records.map(({ value }) => value.toString()));
    },
  };
  return { written, publisher };
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
  relays.push(relay);
  relay.start();
  return relay;
}

const isDrained = async () => (await outbox.state(database)).pending === 0;
const texts = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(4, '0'));

describe('the relay', () => {
  // proves: the outbox is read in the order of its ids, as numbers
  it('publishes what is committed, in order, and deletes it', async () => {
    const { written, publisher } = paper();
    await outbox.append(
      database,
      texts(100).map((text) => record('k', text)),
    );
    startRelay(publisher);
    await eventually(isDrained);
    expect(written).toEqual(texts(100));
  });

  // proves: the relay has no cursor: a lower id that is committed late is found
  it('publishes a lower id that is committed late', async () => {
    const { written, publisher } = paper();
    const late = new Connection(own.url, 'late');
    startRelay(publisher);
    await late.transaction(async (sql) => {
      await outbox.append(sql, [record('late', 'late')]);
      await outbox.append(
        database,
        texts(100).map((text) => record(text, text)),
      );
      await eventually(() => written.length === 100);
    });
    await eventually(isDrained);
    expect(written.at(-1)).toBe('late');
    await late.end();
  });

  it('publishes nothing that is not committed, and never what is rolled back', async () => {
    const { written, publisher } = paper();
    const open = new Connection(own.url, 'open');
    startRelay(publisher);
    const rolledBack = open.transaction(async (sql) => {
      await outbox.append(sql, [record('k', 'never')]);
      await outbox.append(database, [record('k', 'now')]);
      await eventually(isDrained);
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    await outbox.append(database, [record('k', 'later')]);
    await eventually(isDrained);
    expect(written).toEqual(['now', 'later']);
    await open.end();
  });

  // proves: the relay deletes only what was acknowledged
  it('sends again, with the same ids, what nobody knows the outcome of', async () => {
    let failures = 2;
    const asked: string[] = [];
    const { written, publisher } = paper((records) => {
      asked.push(...records.map(({ headers }) => headers['ce_id']!));
      if (failures-- > 0) throw new Error('no answer');
    });
    await outbox.append(database, [record('k', 'a'), record('k', 'b')]);
    startRelay(publisher);
    await eventually(isDrained);
    expect([asked, written]).toEqual([
      ['a', 'b', 'a', 'b', 'a', 'b'],
      ['a', 'b'],
    ]);
  });

  // proves: a row that the broker refuses is rejected, and the others are sent
  // proves: a rejected row holds back its own key
  it('sets aside what the broker refuses, holds back its key only, and sends the rest', async () => {
    const { written, publisher } = paper((records) => {
      if (records.some(({ value }) => value.toString() === 'bad')) throw new PublishRefused(new Error('too large'));
    });
    await outbox.append(database, [
      record('a', 'a1'),
      record('x', 'bad'),
      record('b', 'b1'),
      record('x', 'behind it'),
      record('a', 'a2'),
    ]);
    startRelay(publisher);
    await eventually(() => ['a1', 'a2', 'b1'].every((text) => written.includes(text)));
    await database.query(`UPDATE outbox SET created_at = now() - interval '1 hour'`);
    // What waits for a person is no reason to start the service again.
    expect(await outbox.state(database)).toEqual({ pending: 1, rejected: 1, oldestAgeMs: 0 });
    expect([written.includes('behind it'), written.indexOf('a1') < written.indexOf('a2')]).toEqual([false, true]);
  });

  it('takes no more at once than a broker takes, and never nothing', async () => {
    const large = Buffer.alloc(900_000);
    await outbox.append(database, [{ ...record('k', 'large'), value: Buffer.alloc(20_000_000) }]);
    expect(await outbox.unsent(database, [0, 1, 2, 3], 500)).toHaveLength(1);
    await database.query('TRUNCATE outbox');
    await outbox.append(
      database,
      Array.from({ length: 30 }, () => ({ ...record('k', 'large'), value: large })),
    );
    const rows = await outbox.unsent(database, [0, 1, 2, 3], 500);
    expect(rows.length * large.length).toBeGreaterThan(8_000_000);
    expect(rows.length * large.length).toBeLessThan(10_000_000);
    await database.query('TRUNCATE outbox');
  });

  it('keeps the order of each key while relays lose their connections at random', async () => {
    const keys = Array.from({ length: 20 }, () => randomUUID());
    const { written, publisher } = paper();
    // A broker takes its time: a relay may lose its locks while it waits for the answer.
    const slow: Publisher = {
      publish: async (records) => {
        await pause(Math.random() * 10);
        await publisher.publish(records);
      },
    };
    for (const name of ['one', 'two', 'three']) startRelay(slow, `relay ${name}`);
    for (const text of texts(100)) {
      await outbox.append(
        database,
        keys.map((key) => record(key, `${key}/${text}`)),
      );
      if (Math.random() < 0.2) await killARelay();
    }
    await eventually(isDrained, 60_000);
    for (const key of keys) {
      const seen = [...new Set(written.filter((text) => text.startsWith(key)))];
      expect(seen).toEqual(texts(100).map((text) => `${key}/${text}`));
    }
  }, 90_000);

  // proves: one relay at a time works on a shard
  it('never sends a key that another relay is sending', async () => {
    const keys = Array.from({ length: 20 }, () => randomUUID());
    const sending = new Set<string>();
    let overlaps = 0;
    const { written, publisher } = paper();
    const watched: Publisher = {
      publish: async (records) => {
        const own = new Set(records.map(({ key }) => key));
        for (const key of own) if (sending.has(key)) overlaps += 1;
        for (const key of own) sending.add(key);
        await pause(Math.random() * 10);
        for (const key of own) sending.delete(key);
        await publisher.publish(records);
      },
    };
    for (const name of ['one', 'two', 'three']) startRelay(watched, `relay ${name}`);
    for (const text of texts(20))
      await outbox.append(
        database,
        keys.map((key) => record(key, `${key}/${text}`)),
      );
    await eventually(async () => overlaps > 0 || (await isDrained()));
    expect([overlaps, written.length]).toEqual([0, keys.length * 20]);
  });

  // proves: a new session of the relay holds no lock of the old one
  it('sends nothing once its session is gone, until it holds a lock again', async () => {
    const { written, publisher } = paper();
    startRelay(publisher);
    await eventually(async () => String(await locks()) === '4');
    const thief = new Connection(own.url, 'thief');
    await thief.session(async (sql) => {
      // Next in line for the locks: the relay cannot have them again before it.
      const stolen = sql.query('SELECT pg_advisory_lock($1, shard) FROM generate_series(1, 4) AS shard', [0x0f10]);
      await eventually(isWaitedFor);
      await killARelay();
      await stolen;
      await outbox.append(database, [record('k', 'a')]);
      // Back in a new session, it has asked for the locks, or sent what it must not.
      await eventually(async () => written.length > 0 || (await hasAsked()));
      expect(written).toEqual([]);
    });
    await thief.end();
    await eventually(() => written.length === 1);
  });

  it('shares the shards with a relay that starts later', async () => {
    const [one, two] = [paper(), paper()];
    startRelay(one.publisher);
    await eventually(async () => String(await locks()) === '4');
    const second = startRelay(two.publisher);
    await eventually(async () => String(await locks()) === '2,2');
    const keys = Array.from({ length: 100 }, () => randomUUID());
    await outbox.append(
      database,
      keys.map((key) => record(key, key)),
    );
    await eventually(isDrained);
    expect([...one.written, ...two.written].toSorted()).toEqual(keys.toSorted());
    expect([one.written.length > 0, two.written.length > 0]).toEqual([true, true]);
    await second.stop();
    await eventually(async () => String(await locks()) === '4');
  });

  it('leaves its shards to others when it is stopped, and only resends when it wakes up', async () => {
    let wakeUp: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (wakeUp = resolve));
    const stopped = paper();
    const falls: Publisher = {
      publish: async (records) => asleep.then(async () => stopped.publisher.publish(records)),
    };
    // As a process that is stopped while it waits for the broker; for the test the session is given up sooner.
    expect(Number.parseInt(RELAY_SESSION.idle_session_timeout)).toBeGreaterThan(10);
    startRelay(falls, 'stopped', 50, { idle_session_timeout: '300ms' });
    await outbox.append(
      database,
      texts(20).map((text) => record(text, text)),
    );
    await eventually(async () => {
      const rows = await database.query(`SELECT FROM pg_stat_activity WHERE application_name = 'stopped'`);
      return rows.length === 1;
    });
    const other = paper();
    startRelay(other.publisher, 'other');
    await eventually(isDrained);
    expect(new Set(other.written)).toEqual(new Set(texts(20)));

    wakeUp();
    await eventually(() => stopped.written.length > 0);
    await outbox.append(database, [record('k', 'next')]);
    await eventually(isDrained);
    expect([...stopped.written, ...other.written].filter((text) => text === 'next')).toEqual(['next']);
  });

  it('looks at once when it is poked', async () => {
    const { written, publisher } = paper();
    const relay = startRelay(publisher, 'relay', 1_000_000);
    await eventually(async () => (await locks()).length === 1);
    await outbox.append(database, [record('k', 'a')]);
    relay.poke();
    await eventually(() => written.length === 1);
    expect(written).toEqual(['a']);
  });
});

/** How many shards each relay holds. */
const locks = async () =>
  (
    await database.query<{ held: number }>(
      `SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND objid > 0 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid`,
    )
  ).map(({ held }) => held);

const isWaitedFor = async () =>
  (
    await database.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
  ).length > 0;

/** Whether the last thing that a relay asked for was a lock. */
const hasAsked = async () =>
  (
    await database.query(
      `SELECT 1 FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'relay' AND query LIKE '%pg_try_advisory_lock%'`,
    )
  ).length > 0;

const killARelay = () =>
  database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'relay%' ORDER BY random() LIMIT 1`,
  );
