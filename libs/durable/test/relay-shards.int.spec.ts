import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../src/base/clock.js';
import { RELAY_SESSION } from '../src/outbox/shard-locks.js';
import { Connection } from '../src/store/database.js';
import { quietLog } from './counters.js';
import { notingPublisher, record, RelayDatabase, texts } from './relay-database.js';

const relays = new RelayDatabase();

describe('relays of one outbox', () => {
  it('keep the order of each key while they lose their connections at random', async () => {
    const keys = Array.from({ length: 20 }, () => randomUUID());
    // A slow broker: a relay may lose its locks while it waits for the answer.
    const { published, publisher } = notingPublisher(() => pause(Math.random() * 10));
    for (const name of ['one', 'two', 'three']) relays.start(publisher, { name: `relay ${name}` });
    for (const text of texts(100)) {
      await relays.append(...keys.map((key) => record(key, `${key}/${text}`)));
      if (Math.random() < 0.2) await killARelay();
    }
    await eventually(relays.isDrained, 60_000);
    for (const key of keys) {
      const seen = [...new Set(published.filter((text) => text.startsWith(key)))];
      expect(seen).toEqual(texts(100).map((text) => `${key}/${text}`));
    }
  }, 180_000);

  // proves: one relay at a time works on a shard
  it('never publish a key while another relay publishes it', async () => {
    const keys = Array.from({ length: 20 }, () => randomUUID());
    const others = ['relay two', 'relay three'].map((name) => new CountedSession(name));
    const sending = new Set<string>();
    let overlaps = 0;
    const { published, publisher } = notingPublisher(async (records) => {
      const own = new Set(records.map(({ key }) => key));
      for (const key of own) if (sending.has(key)) overlaps += 1;
      for (const key of own) sending.add(key);
      // The first waits for the broker until both others have looked for work.
      await eventually(() => overlaps > 0 || others.every(({ rounds }) => rounds > 2));
      for (const key of own) sending.delete(key);
    });
    await relays.append(...keys.flatMap((key) => texts(20).map((text) => record(key, `${key}/${text}`))));
    // However long that takes, the session of the first does not end.
    relays.start(publisher, {
      session: relays.connection('relay one', { ...RELAY_SESSION, idle_session_timeout: '0' }),
    });
    await eventually(() => sending.size > 0);
    for (const session of others) relays.start(publisher, { session });
    await eventually(async () => overlaps > 0 || (await relays.isDrained()));
    expect([overlaps, published.length]).toEqual([0, keys.length * 20]);
  });

  it('divide the shards with one that starts later', async () => {
    const [one, two] = [notingPublisher(), notingPublisher()];
    relays.start(one.publisher);
    await eventually(async () => String(await shardsHeld()) === '4');
    const second = relays.start(two.publisher);
    await eventually(async () => String(await shardsHeld()) === '2,2');
    const keys = Array.from({ length: 100 }, () => randomUUID());
    await relays.append(...keys.map((key) => record(key, key)));
    await eventually(relays.isDrained);
    expect([...one.published, ...two.published].toSorted()).toEqual(keys.toSorted());
    expect([one.published.length > 0, two.published.length > 0]).toEqual([true, true]);
    await second.stop();
    await eventually(async () => String(await shardsHeld()) === '4');
  });
});

describe('a relay whose broker is away', () => {
  it('keeps its shards when the broker answers again soon', async () => {
    let failures = 3;
    const { published, publisher } = notingPublisher(() => {
      if (failures-- > 0) throw new Error('away');
    });
    relays.start(publisher);
    await eventually(async () => String(await shardsHeld()) === '4');
    const holders = await shardHolders();
    await relays.append(record('k', 'a'));
    await eventually(relays.isDrained);
    expect([published, failures, await shardHolders()]).toEqual([['a'], -1, holders]);
  });

  // proves: a relay that cannot publish leaves its shards to others
  it('leaves its shards to another one that reaches the broker', async () => {
    const away = notingPublisher(() => {
      throw new Error('away');
    });
    // Each of its seconds takes a millisecond.
    const clock = { ...systemClock, elapsed: () => systemClock.elapsed() * 1_000 };
    relays.start(away.publisher, { clock });
    await eventually(async () => String(await shardsHeld()) === '4');
    const { published, publisher } = notingPublisher();
    relays.start(publisher, { name: 'other' });
    const keys = Array.from({ length: 20 }, () => randomUUID());
    await relays.append(...keys.map((key) => record(key, key)));
    await eventually(relays.isDrained);
    expect(new Set(published)).toEqual(new Set(keys));
  });
});

describe('a relay', () => {
  // proves: a new session of the relay holds no lock of the old one
  it('publishes nothing after its session has ended, until it holds a lock again', async () => {
    const { published, publisher } = notingPublisher();
    relays.start(publisher);
    await eventually(async () => String(await shardsHeld()) === '4');
    const rival = await rivalInTheQueue();
    await killARelay();
    await rival.acquired;
    await relays.append(record('k', 'a'));
    // In its new session the relay has tried to lock, or has published without a lock.
    await eventually(async () => published.length > 0 || (await hasTriedToLock()));
    expect(published).toEqual([]);
    await rival.end();
    await eventually(() => published.length === 1);
  });

  it('loses its shards to another relay when its process is paused, and only publishes again when it continues', async () => {
    const paused = Promise.withResolvers<void>();
    let isPaused = false;
    // As a process that is paused while it waits for the broker.
    const first = notingPublisher(() => {
      isPaused = true;
      return paused.promise;
    });
    // A short timeout of its session makes the test fast.
    expect(Number.parseInt(RELAY_SESSION.idle_session_timeout)).toBeGreaterThan(10);
    const limits = { ...RELAY_SESSION, idle_session_timeout: '300ms' };
    await relays.append(...texts(20).map((text) => record(text, text)));
    relays.start(first.publisher, { session: relays.connection('stopped', limits) });
    await eventually(() => isPaused);
    // Its next session lives as long as that of any relay.
    Object.assign(limits, RELAY_SESSION);
    const other = notingPublisher();
    relays.start(other.publisher, { name: 'other' });
    await eventually(relays.isDrained);
    expect(new Set(other.published)).toEqual(new Set(texts(20)));

    paused.resolve();
    await eventually(() => first.published.length > 0);
    await relays.append(record('k', 'next'));
    await eventually(relays.isDrained);
    expect([...first.published, ...other.published].filter((text) => text === 'next')).toEqual(['next']);
  });

  describe('whose session is not its own, as behind a pooler in transaction mode', () => {
    /** Each warning and each published value, in their order. */
    const seen: string[] = [];
    const log = { ...quietLog, warn: (fields: object) => seen.push(String((fields as { reason: unknown }).reason)) };
    const noting = () => notingPublisher((records) => seen.push(...records.map(({ value }) => value.toString())));
    beforeEach(() => {
      seen.length = 0;
    });

    // proves: a relay works on no shard whose lock its session does not hold
    it('publishes nothing once its locks are gone', async () => {
      const session = relays.connection('relay', RELAY_SESSION);
      relays.start(noting().publisher, { session, log });
      await eventually(async () => String(await shardsHeld()) === '4');
      const rival = await rivalInTheQueue();
      await session.session((sql) => sql.query('SELECT pg_advisory_unlock_all()'));
      await rival.acquired;
      await eventually(() => seen.length > 0);
      await relays.append(record('k', 'a'));
      // In a new session it has asked for the locks.
      await eventually(async () => seen.length > 1 || (await hasTriedToLock()));
      expect(seen).toEqual([expect.stringContaining('locks of the shards')]);
    });

    it('does not begin on the locks of another relay', async () => {
      const session = relays.connection('relay', RELAY_SESSION);
      await session.session((sql) =>
        sql.query('SELECT pg_advisory_lock($1, shard) FROM generate_series(1, 4) AS shard', [LOCKS]),
      );
      await relays.append(record('k', 'a'));
      relays.start(noting().publisher, { session, log });
      // Then it drops that session, and publishes in one of its own.
      await eventually(() => seen.includes('a'));
      expect(seen).toEqual([expect.stringContaining('locks of the shards'), 'a']);
    });
  });
});

/** The first number of the relays' advisory locks. */
const LOCKS = 0x0f10;

/** Counts the rounds of its relay. */
class CountedSession extends Connection {
  rounds = 0;

  constructor(name: string) {
    super(relays.url, name, RELAY_SESSION);
  }

  override async session<T>(...work: Parameters<Connection['session']>): Promise<T> {
    try {
      return (await super.session(...work)) as T;
    } finally {
      this.rounds++;
    }
  }
}

/** The number of shards that each relay has locked. */
const shardsHeld = async () =>
  (
    await relays.database.query<{ held: number }>(
      `SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND objid > 0 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid`,
    )
  ).map(({ held }) => held);

/** The server processes whose sessions hold a shard. */
const shardHolders = async () =>
  relays.database.query(
    `SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND objid > 0 AND granted
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );

/** Waits for the lock of each shard, in a session for each: PostgreSQL hands all four over the moment that they are free. */
async function rivalInTheQueue() {
  const sessions = [1, 2, 3, 4].map((shard) => relays.connection(`rival ${shard}`));
  const acquired = Promise.all(
    sessions.map((each, i) => each.session((sql) => sql.query('SELECT pg_advisory_lock($1, $2)', [LOCKS, i + 1]))),
  );
  await eventually(async () => (await locksAwaited()) === 4);
  return { acquired, end: () => Promise.all(sessions.map((each) => each.end())) };
}

const locksAwaited = async () =>
  (
    await relays.database.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
  ).length;

/** Whether the last statement of a relay was for a lock. */
const hasTriedToLock = async () =>
  (
    await relays.database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'relay'
       AND query LIKE '%pg_try_advisory_lock%'`,
    )
  ).length > 0;

const killARelay = () =>
  relays.database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'relay%' ORDER BY random() LIMIT 1`,
  );
