import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '@orderflow/http';
import { Database, TransientError } from '@orderflow/durable';
import { type Add, eventOf, type Instance, undecodable } from '@orderflow/durable/test/counters';
import { CountersDatabase } from '@orderflow/durable/test/counters-database';
import type { ParkedEventFilter } from '../src/parked-events.js';
import { operatorAt, recordOf } from './parked-events.js';

const counters = new CountersDatabase();
let database: Database;
let one: Instance;
let { deadLetters, redrive, tried }: Partial<ReturnType<typeof operatorAt>> = {};

beforeAll(() => {
  ({ database } = counters);
  one = counters.instance();
});
beforeEach(() => {
  ({ deadLetters, redrive, tried } = operatorAt(counters.url, database, one));
});
afterEach(async () => {
  await redrive!.stop();
  await database.query('TRUNCATE parked, operator_actions, outbox');
});

const problemOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no problem',
    (error: unknown) => (error instanceof Problem ? [error.status, error.extras.members ?? {}] : error),
  );
const idsOf = async (subject: string) => (await counters.parkedEventsOf(subject)).map(({ id }) => id);
const found = async (filter: ParkedEventFilter, after = '0', limit = 100) =>
  (await deadLetters!.list(filter, after, limit)).map(({ id }) => id);

/** Parks events with these commands. The first is refused while the counter would fall below zero; see `increase`. */
async function queueOf(...steps: readonly Omit<Add, 'subject'>[]): Promise<{ subject: string; ids: string[] }> {
  const subject = randomUUID();
  for (const step of steps) {
    const command = { ...step, subject };
    await one.handler.handle([eventOf(command, { record: recordOf(command) })]);
  }
  return { subject, ids: await idsOf(subject) };
}
const increase = (subject: string, by: number) =>
  database.query('UPDATE counters SET value = value + $2 WHERE subject = $1', [subject, by]);
const makeDead = (id: string) => database.query('UPDATE parked SET dead_at = now(), attempts = 10 WHERE id = $1', [id]);
const isDrained = async (subject: string) => (await idsOf(subject)).length === 0;

describe('a parked event', () => {
  it('is listed by order, type, part of the reason, group, state and age, in pages', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 }, { by: 6 });
    await one.handler.handle([
      undecodable('s 2', { record: recordOf({ subject: 's 2', by: 0 }, 'OrderEaten'), reason: 'not AVRO 100%' }),
    ]);
    const [other] = await idsOf('s 2');
    await makeDead(other!);
    await database.query(`UPDATE parked SET parked_at = now() - interval '100 s' WHERE subject = 's 2'`);
    expect(await found({})).toEqual([...ids, other]);
    expect(await found({}, ids[0], 2)).toEqual([ids[1], ids[2]]);
    expect(await found({ orderId: subject })).toEqual(ids);
    expect(await found({ type: 'OrderEaten' })).toEqual([other]);
    expect(await found({ reason: 'avro 100%' })).toEqual([other]);
    expect(await found({ reason: 'avro_100' })).toEqual([]);
    expect(await found({ consumer: 'counters' })).toHaveLength(4);
    expect(await found({ consumer: 'others' })).toEqual([]);
    expect(await found({ state: 'retrying' })).toEqual([ids[0]]);
    expect(await found({ state: 'waiting' })).toEqual([ids[1], ids[2]]);
    expect(await found({ state: 'dead' })).toEqual([other]);
    expect(await found({ olderThanSeconds: 90 })).toEqual([other]);
    expect(await found({ youngerThanSeconds: 90 })).toEqual(ids);
    expect(await found({ state: 'discarded' })).toEqual([]);
  });

  it('has every failed attempt with its time, and none before the first attempt', async () => {
    const { ids } = await queueOf({ by: -1 }, { by: 5 });
    for (let tries = 0; tries < 3; tries++)
      await one.handler.handle([undecodable('x', { parkedId: ids[0]!, reason: `bad ${tries}` })]);
    const { parked, behind } = await deadLetters!.find(ids[0]!);
    expect(parked.failures.map(({ reason }) => reason)).toEqual(['BrokenRule: below zero', 'bad 0', 'bad 1', 'bad 2']);
    const times = parked.failures.map(({ at }) => Date.parse(at));
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(Date.now() - times.at(-1)!).toBeLessThan(60_000);
    expect(behind).toMatchObject({ count: 1, items: [{ id: ids[1] }] });
    const second = await deadLetters!.find(ids[1]!);
    expect(second).toMatchObject({
      waitsFor: ids[0],
      parked: { failures: [], state: 'waiting' },
      behind: { count: 0 },
    });
  });

  it('keeps the latest 50 failures', async () => {
    const { ids } = await queueOf({ by: -1 });
    for (let tries = 0; tries < 60; tries++)
      await one.handler.handle([undecodable('x', { parkedId: ids[0]!, reason: `bad ${tries}` })]);
    const { failures } = (await deadLetters!.find(ids[0]!)).parked;
    expect([failures.length, failures[0]?.reason, failures.at(-1)?.reason]).toEqual([50, 'bad 10', 'bad 59']);
  });

  it('has its event as a CloudEvents document, or the reason why it is undecodable', async () => {
    const { ids } = await queueOf({ by: -1 });
    expect((await deadLetters!.find(ids[0]!)).event).toMatchObject({ specversion: '1.0', type: 'OrderPlaced' });
    await database.query(`UPDATE parked SET value = 'bytes'`);
    const { event, undecodable: why } = await deadLetters!.find(ids[0]!);
    expect([event, why]).toEqual([null, 'not_framed: it is not Avro']);
  });
});

describe('a retry', () => {
  it('of a dead letter is made at once, and the events behind it follow in order', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5, from: 1 }, { by: 6, from: 6 });
    await makeDead(ids[0]!);
    await increase(subject, 2);
    redrive!.start();
    expect(await deadLetters!.retry(ids[0]!, 'ada')).toMatchObject({ id: ids[0], state: 'retrying', attempts: 0 });
    await eventually(() => isDrained(subject));
    expect([await counters.valueOf(subject), tried]).toEqual([12, ids]);
    expect(await deadLetters!.actions(undefined, 10)).toMatchObject([
      { parkedId: ids[0], action: 'retry', operator: 'ada', reason: null, subject, at: expect.any(Date) },
    ]);
  });

  it('that fails leaves the queue as it was, with all attempts before it again', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 });
    await makeDead(ids[0]!);
    await deadLetters!.retry(ids[0]!, 'ada');
    redrive!.start();
    await eventually(async () => (await deadLetters!.find(ids[0]!)).parked.attempts > 0);
    expect((await deadLetters!.find(ids[0]!)).parked).toMatchObject({ state: 'retrying', deadAt: null });
    expect(await idsOf(subject)).toEqual(ids);
  });

  it('of an event behind another one is refused and names the first of its queue', async () => {
    const { ids } = await queueOf({ by: -1 }, { by: 5 });
    expect(await problemOf(deadLetters!.retry(ids[1]!, 'ada'))).toEqual([409, { head: ids[0] }]);
    expect(await problemOf(deadLetters!.dryRun(ids[1]!))).toEqual([409, { head: ids[0] }]);
    expect(await deadLetters!.actions(undefined, 10)).toEqual([]);
  });

  it('of an event that was discarded or never parked is refused as not found', async () => {
    const { ids } = await queueOf({ by: -1 });
    await deadLetters!.discard(ids[0]!, 'ada', 'not ours');
    for (const id of [ids[0]!, '999999999']) {
      expect(await problemOf(deadLetters!.retry(id, 'ada'))).toEqual([404, {}]);
      expect(await problemOf(deadLetters!.dryRun(id))).toEqual([404, {}]);
      expect(await problemOf(deadLetters!.discard(id, 'ada', 'again'))).toEqual([404, {}]);
    }
  });

  it('waits for an instance that is just retrying the event, and finds nothing when that handles it', async () => {
    const { subject, ids } = await queueOf({ by: -1 });
    await increase(subject, 1);
    const command = { subject, by: -1 };
    const retried = eventOf(command, { record: recordOf(command), parkedId: ids[0]! });
    const late = () =>
      Promise.all([
        problemOf(deadLetters!.retry(ids[0]!, 'ada')),
        problemOf(deadLetters!.discard(ids[0]!, 'bob', 'in the way')),
      ]);
    const [, answers] = await counters.whileHalfway([retried], late, 2);
    expect(answers).toEqual([
      [404, {}],
      [404, {}],
    ]);
    expect([await counters.valueOf(subject), await deadLetters!.actions(undefined, 10)]).toEqual([0, []]);
  });

  it('at the same time as an attempt that fails takes effect after it: all attempts are before it again', async () => {
    const { ids } = await queueOf({ by: -1 });
    const failing = undecodable('x', { parkedId: ids[0]!, reason: 'bad' });
    const [, answer] = await counters.whileHalfway([failing], () => deadLetters!.retry(ids[0]!, 'ada'));
    expect(answer).toMatchObject({ id: ids[0], attempts: 0, reason: 'bad' });
  });
});

describe('while the database is away', () => {
  it('every request fails with a TransientError', async () => {
    const away = new Database(counters.url.replace(/:\d+\//, ':1/'), 'away');
    const { deadLetters: unavailable } = operatorAt(counters.url, away, one);
    for (const request of [
      unavailable.list({}, '0', 1),
      unavailable.find('1'),
      unavailable.retry('1', 'ada'),
      unavailable.dryRun('1'),
      unavailable.discard('1', 'ada', 'why'),
      unavailable.actions(undefined, 1),
    ])
      await expect(request).rejects.toThrow(TransientError);
    await away.end();
  });
});

describe('a discard', () => {
  it('of the first event lets the next ones follow', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 }, { by: 6, from: 5 });
    await makeDead(ids[0]!);
    redrive!.start();
    expect(await deadLetters!.discard(ids[0]!, 'ada', 'made by hand')).toMatchObject({
      id: ids[0],
      state: 'discarded',
    });
    await eventually(() => isDrained(subject));
    expect([await counters.valueOf(subject), tried]).toEqual([11, ids.slice(1)]);
  });

  it('of an event in the middle removes only that one', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 }, { by: 6 });
    await deadLetters!.discard(ids[1]!, 'ada', 'twice');
    expect(await idsOf(subject)).toEqual([ids[0], ids[2]]);
    await increase(subject, 1);
    await deadLetters!.retry(ids[0]!, 'ada');
    redrive!.start();
    await eventually(() => isDrained(subject));
    expect(await counters.valueOf(subject)).toBe(6);
  });

  it('keeps the event, the operator and the reason', async () => {
    const { ids, subject } = await queueOf({ by: -1 });
    const before = await deadLetters!.find(ids[0]!);
    await deadLetters!.discard(ids[0]!, 'ada', 'made by hand');
    const { parked, actions } = await deadLetters!.find(ids[0]!);
    expect(parked).toEqual({ ...before.parked, state: 'discarded' });
    expect(parked.value).toBeInstanceOf(Buffer);
    expect(actions).toMatchObject([
      { action: 'discard', operator: 'ada', reason: 'made by hand', subject, topic: 'orders.events' },
    ]);
    expect(await found({ state: 'discarded', orderId: subject })).toEqual(ids);
    expect(await found({ state: 'discarded' }, ids[0]!)).toEqual([]);
    expect(await found({})).toEqual([]);
  });

  it('is final: another copy of the event changes nothing', async () => {
    const subject = randomUUID();
    const command = { subject, by: -1 };
    const event = eventOf(command, { record: recordOf(command) });
    await one.handler.handle([event]);
    await deadLetters!.discard((await idsOf(subject))[0]!, 'ada', 'not ours');
    await increase(subject, 1);
    expect(await one.handler.handle([event])).toEqual([{ kind: 'duplicate' }]);
    expect(await counters.valueOf(subject)).toBe(1);
  });
});

describe('a dry run', () => {
  it('returns the outcome of each event of a queue, and changes nothing', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5, from: 1 }, { by: -100 }, { by: 1 });
    await makeDead(ids[0]!);
    await increase(subject, 2);
    const before = await allRows();
    expect(await deadLetters!.dryRun(ids[0]!)).toMatchObject([
      { event: { id: ids[0] }, outcome: 'handled', publishes: ['PaymentVoided'], calls: [] },
      // Only handled if it sees the change of the event before it.
      { event: { id: ids[1] }, outcome: 'handled', publishes: ['PaymentVoided'] },
      { event: { id: ids[2] }, outcome: 'fails', reason: 'BrokenRule: below zero', publishes: [] },
    ]);
    expect(await allRows()).toEqual(before);
  });

  it('fails at the event that the database refuses', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 2_000 }, { by: 1 });
    await increase(subject, 1);
    const before = await allRows();
    expect(await deadLetters!.dryRun(ids[0]!)).toMatchObject([
      { outcome: 'handled' },
      { event: { id: ids[1] }, outcome: 'fails', reason: expect.stringContaining('counters_value_check') },
    ]);
    expect(await allRows()).toEqual(before);
    // The next dry run does not use the failed transaction.
    expect(await deadLetters!.dryRun(ids[0]!)).toHaveLength(2);
  });

  it('fails where no consumer group has the name of the event', async () => {
    const { ids } = await queueOf({ by: -1 });
    await database.query(`UPDATE parked SET consumer = 'gone'`);
    const reason = expect.stringContaining('no consumer group');
    expect(await deadLetters!.dryRun(ids[0]!)).toMatchObject([{ outcome: 'fails', reason }]);
  });
});

describe('a retry of many', () => {
  it('makes the heads due one after the other at the rate, up to the limit, and records each action', async () => {
    const queues = [];
    for (let n = 0; n < 5; n++) queues.push(await queueOf({ by: -1 }, { by: 1 }));
    const heads = queues.map(({ ids }) => ids[0]!);
    for (const id of heads) await makeDead(id);
    await makeDead((await queueOf({ by: -1 })).ids[0]!);
    await database.query(`UPDATE parked SET reason = 'other' WHERE id = $1`, [heads[4]]);

    const filter = { state: 'dead' as const, reason: 'below' };
    const { events: due, more } = await deadLetters!.retryMany({ filter, limit: 4 }, 'ada', 2);
    expect([due.map(({ id }) => id), more]).toEqual([heads.slice(0, 4), true]);
    const times = due.map(({ nextAttemptAt }) => nextAttemptAt!.getTime());
    expect(times.map((time) => time - times[0]!)).toEqual([0, 500, 1000, 1500]);
    expect(await found({ state: 'dead' })).toHaveLength(2);
    const actions = await deadLetters!.actions(undefined, 10);
    expect(actions.map(({ parkedId }) => parkedId)).toEqual(heads.slice(0, 4).toReversed());
  });

  it('as a dry run returns the outcome of each queue, and retries none', async () => {
    const [good, bad] = [await queueOf({ by: -1 }), await queueOf({ by: -2 })];
    for (const { ids } of [good, bad]) await makeDead(ids[0]!);
    await increase(good.subject, 1);
    const before = await allRows();
    const { queues, more } = await deadLetters!.dryRunMany({ filter: { state: 'dead' }, limit: 10 });
    expect(queues.map((queue) => queue.map(({ outcome }) => outcome))).toEqual([['handled'], ['fails']]);
    expect([more, await allRows()]).toEqual([false, before]);
  });
});

/** The rows of every table that a transaction of the handler writes. */
async function allRows() {
  const tables = ['parked', 'operator_actions', 'outbox', 'external_calls', 'deadlines', 'counters', 'inbox'];
  return Promise.all(tables.map((table) => database.query(`SELECT * FROM ${table} ORDER BY 1, 2`)));
}
