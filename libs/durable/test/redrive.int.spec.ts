import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { DUE } from '../src/parking/parking.js';
import { eventOf, undecodable } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase();

beforeEach(async () => {
  await counters.database.query('TRUNCATE parked');
});

/** As many queues of one undecodable record each. */
async function parkQueues(count: number): Promise<void> {
  await counters.database.query(
    `INSERT INTO parked (consumer, subject, event_id, topic, partition, "offset", appended_at, headers, kind, reason, next_attempt_at)
     SELECT 'counters', gen_random_uuid(), gen_random_uuid(), 'orders.events', 0, n, now(), '{}', 'undecodable', 'x', now()
     FROM generate_series(1, $1::int) n`,
    [count],
  );
}

const dueOf = (instance: ReturnType<typeof counters.instance>, limit = 100) =>
  instance.parking.due(counters.database, limit);

describe('parked records that are due', () => {
  it('are each tried once before any is tried again', async () => {
    const one = counters.instance();
    await parkQueues(250);
    const rounds = [await dueOf(one), await dueOf(one), await dueOf(one), await dueOf(one)];
    expect(rounds.map((round) => round.length)).toEqual([100, 100, 50, 0]);
    expect(new Set(rounds.flat().map(({ id }) => id)).size).toBe(250);
  });

  it('are those that are due the longest, whenever they were parked', async () => {
    const one = counters.instance();
    await parkQueues(3);
    const [first, second, third] = await counters.database.query<{ id: string }>(
      'SELECT id::text FROM parked ORDER BY id',
    );
    await counters.database.query(
      `UPDATE parked SET next_attempt_at = now() - make_interval(secs => CASE id WHEN $1 THEN 1 WHEN $2 THEN 3 ELSE 2 END)`,
      [first!.id, second!.id],
    );
    expect((await dueOf(one, 1)).map(({ id }) => id)).toEqual([second!.id]);
    expect((await dueOf(one, 1)).map(({ id }) => id)).toEqual([third!.id]);
  });

  it('are tried by one of two instances', async () => {
    const [one, two] = [counters.instance(), counters.instance()];
    await parkQueues(100);
    const [ofOne, ofTwo] = await Promise.all([dueOf(one), dueOf(two)]);
    expect(new Set([...ofOne, ...ofTwo].map(({ id }) => id)).size).toBe(ofOne.length + ofTwo.length);
  });

  it('are found by index, whatever is parked', async () => {
    await parkQueues(20_000);
    await counters.database.query('ANALYZE parked');
    const [row] = await counters.database.query<{ 'QUERY PLAN': object }>(`EXPLAIN (FORMAT JSON) ${DUE}`, [
      'counters',
      100,
      1e6,
      15,
    ]);
    const plan = JSON.stringify(row!['QUERY PLAN']);
    expect(plan).not.toMatch(/Seq Scan|Bitmap/);
    expect(plan).toContain('"Index Name":"parked_due"');
    expect(plan).toContain('"Index Name":"parked_subject"');
  });
});

describe('a record behind another', () => {
  // proves: only the head of a parked queue is retried
  it('waits for that one where two instances parked them at once, so that both are due', async () => {
    const one = counters.instance();
    const subject = randomUUID();
    await one.handler.handle([undecodable(subject), eventOf({ subject, by: 1 })]);
    await counters.database.query('UPDATE parked SET next_attempt_at = now() WHERE subject = $1', [subject]);
    const [head] = await counters.database.query<{ id: string }>('SELECT min(id)::text AS id FROM parked');
    expect((await dueOf(one)).map(({ id }) => id)).toEqual([head!.id]);
  });

  // proves: the record behind one that is gone is due
  it('is due once that one is handled', async () => {
    const one = counters.instance();
    const subject = randomUUID();
    const head = undecodable(subject);
    await one.handler.handle([head, eventOf({ subject, by: 1 })]);
    const [claimed] = await dueOf(one);
    expect(await dueOf(one)).toEqual([]);
    await one.handler.handle([eventOf({ subject, by: 1 }, { record: head.record, parkedId: claimed!.id })]);
    expect(await dueOf(one)).toMatchObject([{ subject }]);
  });

  it('that was parked while that one was discarded is found within a minute', async () => {
    const one = counters.instance();
    const subject = randomUUID();
    await one.handler.handle([undecodable(subject), eventOf({ subject, by: 1 })]);
    // As an operator's transaction does that does not see the second record.
    await counters.database.query(`DELETE FROM parked WHERE subject = $1 AND kind = 'undecodable'`, [subject]);
    expect(await dueOf(one)).toEqual([]);
    await one.parking.wake(counters.database);
    expect(await dueOf(one)).toMatchObject([{ subject }]);
  });
});

describe('a claim', () => {
  it('that a dependency prevented from being tried is given back', async () => {
    const one = counters.instance();
    await parkQueues(1);
    const [claimed] = await dueOf(one);
    await one.parking.putBack(counters.database, [claimed!.id]);
    const [row] = await counters.database.query<{ wait: number; attempts: number }>(
      'SELECT extract(epoch FROM next_attempt_at - now())::float8 AS wait, attempts FROM parked',
    );
    expect(row!.attempts).toBe(0);
    expect(row!.wait).toBeLessThanOrEqual(1);
  });
});

describe('a record whose bytes are not kept', () => {
  it('keeps its size, hash and reason through its retries', async () => {
    const one = counters.instance();
    const omitted = { why: 'too_large', detail: 'a record of 2000000 bytes', bytes: 2_000_000, sha256: 'ab' } as const;
    const { record, ...incoming } = undecodable(randomUUID());
    await one.handler.handle([{ ...incoming, record: { ...record, value: null, omitted } }]);
    expect(await dueOf(one)).toMatchObject([{ record: { value: null, omitted } }]);
  });
});
