import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '@orderflow/http';
import { Database, TransientError } from '@orderflow/durable';
import { type Add, eventOf, type Instance, undecodable } from '../../durable/test/counters.js';
import { CountersDatabase } from '../../durable/test/counters-database.js';
import { operatorAt, recordOf } from './parked-events.js';

let own: CountersDatabase;
let database: Database;
let one: Instance;
let { deadLetters, redrive, tried }: Partial<ReturnType<typeof operatorAt>> = {};

beforeAll(async () => {
  own = await CountersDatabase.open();
  ({ database } = own);
  one = own.instance();
});
afterAll(() => own.close());
beforeEach(() => {
  ({ deadLetters, redrive, tried } = operatorAt(own.url, database, one));
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
const valueOf = (subject: string) => own.valueOf(subject);
const idsOf = async (subject: string) =>
  (
    await database.query<{ id: string }>('SELECT id::text FROM parked WHERE subject = $1 ORDER BY parked.id', [subject])
  ).map(({ id }) => id);
const all = async () => (await deadLetters!.list({}, '0', 1000)).map(({ id }) => id);

/** A queue of these commands: the first is refused for it goes below zero, unless somebody adds to the counter. */
async function queueOf(...steps: readonly Omit<Add, 'subject'>[]): Promise<{ subject: string; ids: string[] }> {
  const subject = randomUUID();
  for (const step of steps) {
    const command = { ...step, subject };
    await one.handler.handle([eventOf(command, { record: recordOf(command) })]);
  }
  return { subject, ids: await idsOf(subject) };
}
const mend = (subject: string, by: number) =>
  database.query('UPDATE counters SET value = value + $2 WHERE subject = $1', [subject, by]);
const die = (id: string) => database.query('UPDATE parked SET dead_at = now(), attempts = 10 WHERE id = $1', [id]);
const isGone = async (subject: string) => (await idsOf(subject)).length === 0;

describe('what is parked', () => {
  it('is listed by order, type, part of the reason, group, state and age, a page at a time', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 }, { by: 6 });
    await one.handler.handle([
      undecodable('s 2', { record: recordOf({ subject: 's 2', by: 0 }, 'OrderEaten'), reason: 'not AVRO 100%' }),
    ]);
    const [other] = await idsOf('s 2');
    await die(other!);
    await database.query(`UPDATE parked SET parked_at = now() - interval '100 s' WHERE subject = 's 2'`);
    const found = async (filter: object, after = '0', limit = 100) =>
      (await deadLetters!.list(filter, after, limit)).map(({ id }) => id);

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

  it('says every failed attempt with its time, and nothing of one that was never tried', async () => {
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

  it('forgets the oldest failures of one that people retry for ever', async () => {
    const { ids } = await queueOf({ by: -1 });
    for (let tries = 0; tries < 60; tries++)
      await one.handler.handle([undecodable('x', { parkedId: ids[0]!, reason: `bad ${tries}` })]);
    const { failures } = (await deadLetters!.find(ids[0]!)).parked;
    expect([failures.length, failures[0]?.reason, failures.at(-1)?.reason]).toEqual([50, 'bad 10', 'bad 59']);
  });

  it('holds its event as a CloudEvents document, or why it cannot be read', async () => {
    const { ids } = await queueOf({ by: -1 });
    expect((await deadLetters!.find(ids[0]!)).event).toMatchObject({ specversion: '1.0', type: 'OrderPlaced' });
    await database.query(`UPDATE parked SET value = 'bytes'`);
    const { event, undecodable: why } = await deadLetters!.find(ids[0]!);
    expect([event, why]).toEqual([undefined, 'not_framed: it is no Avro']);
  });
});

describe('a retry', () => {
  it('has a dead letter tried at once, and what is behind it follows in order', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5, from: 1 }, { by: 6, from: 6 });
    await die(ids[0]!);
    await mend(subject, 2);
    redrive!.start();
    expect(await deadLetters!.retry(ids[0]!, 'ada')).toMatchObject({ id: ids[0], state: 'retrying', attempts: 0 });
    await eventually(() => isGone(subject));
    expect([await valueOf(subject), tried]).toEqual([12, ids]);
    expect(await deadLetters!.actions(undefined, 10)).toMatchObject([
      { parkedId: ids[0], action: 'retry', operator: 'ada', reason: null, subject, at: expect.any(Date) },
    ]);
  });

  it('that fails leaves everything in its place, with all its attempts before it', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 });
    await die(ids[0]!);
    await deadLetters!.retry(ids[0]!, 'ada');
    redrive!.start();
    await eventually(async () => (await deadLetters!.find(ids[0]!)).parked.attempts > 0);
    expect((await deadLetters!.find(ids[0]!)).parked).toMatchObject({ state: 'retrying', deadAt: null });
    expect(await idsOf(subject)).toEqual(ids);
  });

  it('of one that waits is refused and names the first of its queue', async () => {
    const { ids } = await queueOf({ by: -1 }, { by: 5 });
    expect(await problemOf(deadLetters!.retry(ids[1]!, 'ada'))).toEqual([409, { head: ids[0] }]);
    expect(await problemOf(deadLetters!.dryRun(ids[1]!))).toEqual([409, { head: ids[0] }]);
    expect(await deadLetters!.actions(undefined, 10)).toEqual([]);
  });

  it('of one that was handled, discarded or never there finds nothing', async () => {
    const { ids } = await queueOf({ by: -1 });
    await deadLetters!.discard(ids[0]!, 'ada', 'not ours');
    for (const id of [ids[0]!, '999999999']) {
      expect(await problemOf(deadLetters!.retry(id, 'ada'))).toEqual([404, {}]);
      expect(await problemOf(deadLetters!.dryRun(id))).toEqual([404, {}]);
      expect(await problemOf(deadLetters!.discard(id, 'ada', 'again'))).toEqual([404, {}]);
    }
  });

  it('waits for a member that is just trying it, and finds nothing when that one handles it', async () => {
    const { subject, ids } = await queueOf({ by: -1 });
    await mend(subject, 1);
    const slow = own.halfway();
    const command = { subject, by: -1 };
    const drained = slow.handler.handle([eventOf(command, { record: recordOf(command), parkedId: ids[0]! })]);
    await eventually(slow.isHalfway);
    const answers = Promise.all([
      problemOf(deadLetters!.retry(ids[0]!, 'ada')),
      problemOf(deadLetters!.discard(ids[0]!, 'bob', 'in the way')),
    ]);
    await eventually(async () => (await own.waiting()) === 2);
    slow.goOn();
    await drained;
    expect(await answers).toEqual([
      [404, {}],
      [404, {}],
    ]);
    expect([await valueOf(subject), await deadLetters!.actions(undefined, 10)]).toEqual([0, []]);
    await slow.end();
  });
});

describe('a retry at the same moment', () => {
  it('as an attempt that fails comes after it: all its attempts are before it', async () => {
    const { ids } = await queueOf({ by: -1 });
    const slow = own.halfway();
    const failing = slow.handler.handle([undecodable('x', { parkedId: ids[0]!, reason: 'bad' })]);
    await eventually(slow.isHalfway);
    const answer = deadLetters!.retry(ids[0]!, 'ada');
    await eventually(async () => (await own.waiting()) === 1);
    slow.goOn();
    await failing;
    expect(await answer).toMatchObject({ id: ids[0], attempts: 0, reason: 'bad' });
    await slow.end();
  });
});

describe('while the database is away', () => {
  it('nobody knows, and the same may be asked again', async () => {
    const away = new Database(own.url.replace(/:\d+\//, ':1/'), 'away');
    const { deadLetters: helpless } = operatorAt(own.url, away, one);
    for (const asked of [
      helpless.list({}, '0', 1),
      helpless.find('1'),
      helpless.retry('1', 'ada'),
      helpless.dryRun('1'),
      helpless.discard('1', 'ada', 'why'),
      helpless.actions(undefined, 1),
    ])
      await expect(asked).rejects.toThrow(TransientError);
    await away.end();
  });
});

describe('a discard', () => {
  it('of the first lets the next ones follow', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 }, { by: 6, from: 5 });
    await die(ids[0]!);
    redrive!.start();
    expect(await deadLetters!.discard(ids[0]!, 'ada', 'made by hand')).toMatchObject({
      id: ids[0],
      state: 'discarded',
    });
    await eventually(() => isGone(subject));
    expect([await valueOf(subject), tried]).toEqual([11, ids.slice(1)]);
  });

  it('of one in the middle takes only that one out', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5 }, { by: 6 });
    await deadLetters!.discard(ids[1]!, 'ada', 'twice');
    expect(await idsOf(subject)).toEqual([ids[0], ids[2]]);
    await mend(subject, 1);
    await deadLetters!.retry(ids[0]!, 'ada');
    redrive!.start();
    await eventually(() => isGone(subject));
    expect(await valueOf(subject)).toBe(6);
  });

  it('keeps all of it, with who did it and why', async () => {
    const { ids, subject } = await queueOf({ by: -1 });
    const before = await deadLetters!.find(ids[0]!);
    await deadLetters!.discard(ids[0]!, 'ada', 'made by hand');
    const { parked, actions } = await deadLetters!.find(ids[0]!);
    expect(parked).toEqual({ ...before.parked, state: 'discarded' });
    expect(parked.value).toBeInstanceOf(Buffer);
    expect(actions).toMatchObject([
      { action: 'discard', operator: 'ada', reason: 'made by hand', subject, topic: 'orders.events' },
    ]);
    expect((await deadLetters!.list({ state: 'discarded', orderId: subject }, '0', 10)).map(({ id }) => id)).toEqual(
      ids,
    );
    expect(await deadLetters!.list({ state: 'discarded' }, ids[0]!, 10)).toEqual([]);
    expect(await all()).toEqual([]);
  });

  it('is for good: another copy of the event changes nothing', async () => {
    const subject = randomUUID();
    const command = { subject, by: -1 };
    const event = eventOf(command, { record: recordOf(command) });
    await one.handler.handle([event]);
    await deadLetters!.discard((await idsOf(subject))[0]!, 'ada', 'not ours');
    await mend(subject, 1);
    expect(await one.handler.handle([event])).toEqual([{ kind: 'duplicate' }]);
    expect(await valueOf(subject)).toBe(1);
  });
});

describe('a dry run', () => {
  it('says what would become of each in a queue, and leaves no trace', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 5, from: 1 }, { by: -100 }, { by: 1 });
    await die(ids[0]!);
    await mend(subject, 2);
    const before = await everything();
    expect(await deadLetters!.dryRun(ids[0]!)).toMatchObject([
      { event: { id: ids[0] }, outcome: 'handled', publishes: ['PaymentVoided'], calls: [] },
      // Only true if it sees what the one before it did.
      { event: { id: ids[1] }, outcome: 'handled', publishes: ['PaymentVoided'] },
      { event: { id: ids[2] }, outcome: 'fails', reason: 'BrokenRule: below zero', publishes: [] },
    ]);
    expect(await everything()).toEqual(before);
  });

  it('says what the database refuses', async () => {
    const { subject, ids } = await queueOf({ by: -1 }, { by: 2_000 }, { by: 1 });
    await mend(subject, 1);
    const before = await everything();
    expect(await deadLetters!.dryRun(ids[0]!)).toMatchObject([
      { outcome: 'handled' },
      { event: { id: ids[1] }, outcome: 'fails', reason: expect.stringContaining('counters_value_check') },
    ]);
    expect(await everything()).toEqual(before);
    // The connection that broke is not the one of the next.
    expect(await deadLetters!.dryRun(ids[0]!)).toHaveLength(2);
  });

  it('fails where nobody has the name of its group', async () => {
    const { ids } = await queueOf({ by: -1 });
    await database.query(`UPDATE parked SET consumer = 'gone'`);
    expect(await deadLetters!.dryRun(ids[0]!)).toMatchObject(
      [{ outcome: 'fails', reason: /no consumer group/ }].map(asMatch),
    );
  });
});

describe('a retry of many', () => {
  it('makes the heads due one after the other at the rate, up to the limit, and notes each', async () => {
    const queues = [];
    for (let n = 0; n < 5; n++) queues.push(await queueOf({ by: -1 }, { by: 1 }));
    const heads = queues.map(({ ids }) => ids[0]!);
    for (const id of heads) await die(id);
    await die((await queueOf({ by: -1 })).ids[0]!);
    await database.query(`UPDATE parked SET reason = 'other' WHERE id = $1`, [heads[4]]);

    const filter = { state: 'dead' as const, reason: 'below' };
    const { events: due, more } = await deadLetters!.retryMany({ filter, limit: 4 }, 'ada', 2);
    expect([due.map(({ id }) => id), more]).toEqual([heads.slice(0, 4), true]);
    const first = due[0]!.nextAttemptAt.getTime();
    expect(due.map(({ nextAttemptAt }) => nextAttemptAt.getTime() - first)).toEqual([0, 500, 1000, 1500]);
    expect((await deadLetters!.list({ state: 'dead' }, '0', 10)).map(({ id }) => id)).toHaveLength(2);
    const actions = await deadLetters!.actions(undefined, 10);
    expect(actions.map(({ parkedId }) => parkedId)).toEqual(heads.slice(0, 4).toReversed());
  });

  it('as a dry run says what would become of each queue, and retries none', async () => {
    const [good, bad] = [await queueOf({ by: -1 }), await queueOf({ by: -2 })];
    for (const { ids } of [good, bad]) await die(ids[0]!);
    await mend(good.subject, 1);
    const before = await everything();
    const { queues, more } = await deadLetters!.dryRunMany({ filter: { state: 'dead' }, limit: 10 });
    expect(queues.map((queue) => queue.map(({ outcome }) => outcome))).toEqual([['handled'], ['fails']]);
    expect([more, await everything()]).toEqual([false, before]);
  });
});

const asMatch = ({ reason, ...rest }: { outcome: string; reason: RegExp }) => ({
  ...rest,
  reason: expect.stringMatching(reason),
});

/** All that a transaction of the handler could leave behind. */
async function everything() {
  const tables = ['parked', 'operator_actions', 'outbox', 'external_calls', 'deadlines', 'counters', 'inbox'];
  return Promise.all(tables.map((table) => database.query(`SELECT * FROM ${table} ORDER BY 1, 2`)));
}
