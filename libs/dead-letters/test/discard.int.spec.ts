import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventOf } from '@orderflow/durable/test/counters';
import { recordOf } from './parked-events.js';
import { ParkedQueues } from './parked-queues.js';

const queues = new ParkedQueues();

describe('a discard', () => {
  it('of the first event lets the next ones follow', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 }, { by: 5 }, { by: 6, from: 5 });
    await queues.makeDead(ids[0]!);
    queues.redrive.start();
    expect(await queues.deadLetters.discard(ids[0]!, 'ada', 'made by hand')).toMatchObject({
      id: ids[0],
      state: 'discarded',
    });
    await eventually(() => queues.isDrained(subject));
    expect([await queues.counters.valueOf(subject), queues.tried]).toEqual([11, ids.slice(1)]);
  });

  it('of an event in the middle removes only that one', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 }, { by: 5 }, { by: 6 });
    await queues.deadLetters.discard(ids[1]!, 'ada', 'twice');
    expect(await queues.idsOf(subject)).toEqual([ids[0], ids[2]]);
    await queues.increase(subject, 1);
    await queues.deadLetters.retry(ids[0]!, 'ada');
    queues.redrive.start();
    await eventually(() => queues.isDrained(subject));
    expect(await queues.counters.valueOf(subject)).toBe(6);
  });

  it('keeps the event, the operator and the reason', async () => {
    const { ids, subject } = await queues.queueOf({ by: -1 });
    const before = await queues.deadLetters.find(ids[0]!);
    await queues.deadLetters.discard(ids[0]!, 'ada', 'made by hand');
    const { parked, actions } = await queues.deadLetters.find(ids[0]!);
    expect(parked).toEqual({ ...before.parked, state: 'discarded' });
    expect(parked.value).toBeInstanceOf(Buffer);
    expect(actions).toMatchObject([
      { action: 'discard', operator: 'ada', reason: 'made by hand', subject, topic: 'orders.events' },
    ]);
    expect(await queues.listed({ state: 'discarded', orderId: subject })).toEqual(ids);
    expect(await queues.listed({ state: 'discarded' }, ids[0]!)).toEqual([]);
    expect(await queues.listed({})).toEqual([]);
  });

  it('is final: another copy of the event changes nothing', async () => {
    const subject = randomUUID();
    const command = { subject, by: -1 };
    const event = eventOf(command, { record: recordOf(command) });
    await queues.one.handler.handle([event]);
    await queues.deadLetters.discard((await queues.idsOf(subject))[0]!, 'ada', 'not ours');
    await queues.increase(subject, 1);
    expect(await queues.one.handler.handle([event])).toEqual([{ kind: 'duplicate' }]);
    expect(await queues.counters.valueOf(subject)).toBe(1);
  });
});
