import { describe, expect, it } from '@jest/globals';
import { Database, TransientError } from '@orderflow/durable';
import { undecodable } from '@orderflow/durable/test/counters';
import { operatorAt, recordOf } from './parked-events.js';
import { ParkedQueues } from './parked-queues.js';

const queues = new ParkedQueues();

describe('a parked event', () => {
  it('is listed by order, type, part of the reason, group, state and age, in pages', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 }, { by: 5 }, { by: 6 });
    await queues.one.handler.handle([
      undecodable('s 2', { record: recordOf({ subject: 's 2', by: 0 }, 'OrderEaten'), reason: 'not AVRO 100%' }),
    ]);
    const [other] = await queues.idsOf('s 2');
    await queues.makeDead(other!);
    await queues.database.query(`UPDATE parked SET parked_at = now() - interval '100 s' WHERE subject = 's 2'`);
    expect(await queues.listed({})).toEqual([...ids, other]);
    expect(await queues.listed({}, ids[0], 2)).toEqual([ids[1], ids[2]]);
    expect(await queues.listed({ orderId: subject })).toEqual(ids);
    expect(await queues.listed({ type: 'OrderEaten' })).toEqual([other]);
    expect(await queues.listed({ reason: 'avro 100%' })).toEqual([other]);
    expect(await queues.listed({ reason: 'avro_100' })).toEqual([]);
    expect(await queues.listed({ consumer: 'counters' })).toHaveLength(4);
    expect(await queues.listed({ consumer: 'others' })).toEqual([]);
    expect(await queues.listed({ state: 'retrying' })).toEqual([ids[0]]);
    expect(await queues.listed({ state: 'waiting' })).toEqual([ids[1], ids[2]]);
    expect(await queues.listed({ state: 'dead' })).toEqual([other]);
    expect(await queues.listed({ olderThanSeconds: 90 })).toEqual([other]);
    expect(await queues.listed({ youngerThanSeconds: 90 })).toEqual(ids);
    expect(await queues.listed({ state: 'discarded' })).toEqual([]);
  });

  it('has every failed attempt with its time, and none before the first attempt', async () => {
    const { ids } = await queues.queueOf({ by: -1 }, { by: 5 });
    for (let tries = 0; tries < 3; tries++)
      await queues.one.handler.handle([undecodable('x', { parkedId: ids[0]!, reason: `bad ${tries}` })]);
    const { parked, behind } = await queues.deadLetters.find(ids[0]!);
    expect(parked.failures.map(({ reason }) => reason)).toEqual(['BrokenRule: below zero', 'bad 0', 'bad 1', 'bad 2']);
    const times = parked.failures.map(({ at }) => Date.parse(at));
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(Date.now() - times.at(-1)!).toBeLessThan(60_000);
    expect(behind).toMatchObject({ count: 1, items: [{ id: ids[1] }] });
    const second = await queues.deadLetters.find(ids[1]!);
    expect(second).toMatchObject({
      waitsFor: ids[0],
      parked: { failures: [], state: 'waiting' },
      behind: { count: 0 },
    });
  });

  it('keeps the latest 50 failures', async () => {
    const { ids } = await queues.queueOf({ by: -1 });
    for (let tries = 0; tries < 60; tries++)
      await queues.one.handler.handle([undecodable('x', { parkedId: ids[0]!, reason: `bad ${tries}` })]);
    const { failures } = (await queues.deadLetters.find(ids[0]!)).parked;
    expect([failures.length, failures[0]?.reason, failures.at(-1)?.reason]).toEqual([50, 'bad 10', 'bad 59']);
  });

  it('has its event as a CloudEvents document, or the reason why it is undecodable', async () => {
    const { ids } = await queues.queueOf({ by: -1 });
    expect((await queues.deadLetters.find(ids[0]!)).event).toMatchObject({ specversion: '1.0', type: 'OrderPlaced' });
    await queues.database.query(`UPDATE parked SET value = 'bytes'`);
    const { event, undecodable: why } = await queues.deadLetters.find(ids[0]!);
    expect([event, why]).toEqual([null, 'not_framed: it is not Avro']);
  });
});

describe('while the database is away', () => {
  it('every request fails with a TransientError', async () => {
    const away = new Database(queues.counters.url.replace(/:\d+\//, ':1/'), 'away');
    const { deadLetters: unavailable } = operatorAt(queues.counters.url, away, queues.one);
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
