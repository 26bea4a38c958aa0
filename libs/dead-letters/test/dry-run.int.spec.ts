import { describe, expect, it } from '@jest/globals';
import { ParkedQueues } from './parked-queues.js';

const queues = new ParkedQueues();

describe('a dry run', () => {
  it('returns the outcome of each event of a queue, and changes nothing', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 }, { by: 5, from: 1 }, { by: -100 }, { by: 1 });
    await queues.makeDead(ids[0]!);
    await queues.increase(subject, 2);
    const before = await queues.allRows();
    expect(await queues.deadLetters.dryRun(ids[0]!)).toMatchObject([
      { event: { id: ids[0] }, outcome: 'handled', publishes: ['PaymentVoided'], calls: [] },
      // Only handled if it sees the change of the event before it.
      { event: { id: ids[1] }, outcome: 'handled', publishes: ['PaymentVoided'] },
      { event: { id: ids[2] }, outcome: 'fails', reason: 'BrokenRule: below zero', publishes: [] },
    ]);
    expect(await queues.allRows()).toEqual(before);
  });

  it('fails at the event that the database refuses', async () => {
    const { subject, ids } = await queues.queueOf({ by: -1 }, { by: 2_000 }, { by: 1 });
    await queues.increase(subject, 1);
    const before = await queues.allRows();
    expect(await queues.deadLetters.dryRun(ids[0]!)).toMatchObject([
      { outcome: 'handled' },
      { event: { id: ids[1] }, outcome: 'fails', reason: expect.stringContaining('counters_value_check') },
    ]);
    expect(await queues.allRows()).toEqual(before);
    // The next dry run does not use the failed transaction.
    expect(await queues.deadLetters.dryRun(ids[0]!)).toHaveLength(2);
  });

  it('fails where no consumer group has the name of the event', async () => {
    const { ids } = await queues.queueOf({ by: -1 });
    await queues.database.query(`UPDATE parked SET consumer = 'gone'`);
    const reason = expect.stringContaining('no consumer group');
    expect(await queues.deadLetters.dryRun(ids[0]!)).toMatchObject([{ outcome: 'fails', reason }]);
  });

  it('of many returns the outcome of each queue, and retries none', async () => {
    const [good, bad] = [await queues.queueOf({ by: -1 }), await queues.queueOf({ by: -2 })];
    for (const { ids } of [good, bad]) await queues.makeDead(ids[0]!);
    await queues.increase(good.subject, 1);
    const before = await queues.allRows();
    const { queues: runs, more } = await queues.deadLetters.dryRunMany({ filter: { state: 'dead' }, limit: 10 });
    expect(runs.map((queue) => queue.map(({ outcome }) => outcome))).toEqual([['handled'], ['fails']]);
    expect([more, await queues.allRows()]).toEqual([false, before]);
  });
});
