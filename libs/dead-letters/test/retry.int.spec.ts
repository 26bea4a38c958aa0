import { eventually } from '@orderflow/client';
import { describe, expect, it } from '@jest/globals';
import { eventOf, undecodable } from '@orderflow/durable/test/counters';
import { recordOf } from './parked-events.js';
import { ParkedQueues, problemOf } from './parked-queues.js';

const queues = new ParkedQueues();

describe('a retry', () => {
  it('of a dead letter is made at once, and the events behind it follow in order', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 }, { by: 5, from: 1 }, { by: 6, from: 6 });
    await queues.makeDead(ids[0]!);
    await queues.increase(subject, 2);
    queues.redrive.start();
    expect(await queues.deadLetters.retry(ids[0]!, 'ada')).toMatchObject({
      id: ids[0],
      state: 'retrying',
      attempts: 0,
    });
    await eventually(() => queues.isDrained(subject));
    expect([await queues.counters.valueOf(subject), queues.tried]).toEqual([12, ids]);
    expect(await queues.deadLetters.actions(undefined, 10)).toMatchObject([
      { parkedId: ids[0], action: 'retry', operator: 'ada', reason: null, subject, at: expect.any(Date) },
    ]);
  });

  it('that fails leaves the queue as it was, with all attempts before it again', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 }, { by: 5 });
    await queues.makeDead(ids[0]!);
    await queues.deadLetters.retry(ids[0]!, 'ada');
    queues.redrive.start();
    await eventually(async () => (await queues.deadLetters.find(ids[0]!)).parked.attempts > 0);
    expect((await queues.deadLetters.find(ids[0]!)).parked).toMatchObject({ state: 'retrying', deadAt: null });
    expect(await queues.idsOf(subject)).toEqual(ids);
  });

  it('of an event behind another one is refused and names the first of its queue', async () => {
    const { ids } = await queues.queueOf({ by: -1 }, { by: 5 });
    expect(await problemOf(queues.deadLetters.retry(ids[1]!, 'ada'))).toEqual([409, { head: ids[0] }]);
    expect(await problemOf(queues.deadLetters.dryRun(ids[1]!))).toEqual([409, { head: ids[0] }]);
    expect(await queues.deadLetters.actions(undefined, 10)).toEqual([]);
  });

  it('of an event that was discarded or never parked is refused as not found', async () => {
    const { ids } = await queues.queueOf({ by: -1 });
    await queues.deadLetters.discard(ids[0]!, 'ada', 'not ours');
    for (const id of [ids[0]!, '999999999']) {
      expect(await problemOf(queues.deadLetters.retry(id, 'ada'))).toEqual([404, {}]);
      expect(await problemOf(queues.deadLetters.dryRun(id))).toEqual([404, {}]);
      expect(await problemOf(queues.deadLetters.discard(id, 'ada', 'again'))).toEqual([404, {}]);
    }
  });

  it('waits for an instance that is just retrying the event, and finds nothing when that handles it', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 });
    await queues.increase(subject, 1);
    const command = { subject, by: -1 };
    const retried = eventOf(command, { record: recordOf(command), parkedId: ids[0]! });
    const late = () =>
      Promise.all([
        problemOf(queues.deadLetters.retry(ids[0]!, 'ada')),
        problemOf(queues.deadLetters.discard(ids[0]!, 'bob', 'in the way')),
      ]);
    const [, answers] = await queues.counters.whileHalfway([retried], late, 2);
    expect(answers).toEqual([
      [404, {}],
      [404, {}],
    ]);
    expect([await queues.counters.valueOf(subject), await queues.deadLetters.actions(undefined, 10)]).toEqual([0, []]);
  });

  it('at the same time as an attempt that fails takes effect after it: all attempts are before it again', async () => {
    const { ids } = await queues.queueOf({ by: -1 });
    const failing = undecodable('x', { parkedId: ids[0]!, reason: 'bad' });
    const [, answer] = await queues.counters.whileHalfway([failing], () => queues.deadLetters.retry(ids[0]!, 'ada'));
    expect(answer).toMatchObject({ id: ids[0], attempts: 0, reason: 'bad' });
  });
});

describe('a retry of many', () => {
  it('makes the heads due one after the other at the rate, up to the limit, and records each action', async () => {
    const five = [];
    for (let n = 0; n < 5; n++) five.push(await queues.queueOf({ by: -1 }, { by: 1 }));
    const heads = five.map(({ ids }) => ids[0]!);
    for (const id of heads) await queues.makeDead(id);
    await queues.makeDead((await queues.queueOf({ by: -1 })).ids[0]!);
    await queues.database.query(`UPDATE parked SET reason = 'other' WHERE id = $1`, [heads[4]]);

    const filter = { state: 'dead' as const, reason: 'below' };
    const { events: due, more } = await queues.deadLetters.retryMany({ filter, limit: 4 }, 'ada', 2);
    expect([due.map(({ id }) => id), more]).toEqual([heads.slice(0, 4), true]);
    const times = due.map(({ nextAttemptAt }) => nextAttemptAt!.getTime());
    expect(times.map((time) => time - times[0]!)).toEqual([0, 500, 1000, 1500]);
    expect(await queues.listed({ state: 'dead' })).toHaveLength(2);
    const actions = await queues.deadLetters.actions(undefined, 10);
    expect(actions.map(({ parkedId }) => parkedId)).toEqual(heads.slice(0, 4).toReversed());
  });
});
