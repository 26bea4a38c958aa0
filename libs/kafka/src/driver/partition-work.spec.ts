import { describe, expect, it } from '@jest/globals';
import { anEvent } from '@orderflow/testing';
import { recordOf } from '../../test/samples.js';
import type { Subscription } from '../broker.js';
import { PartitionWork, type Work } from './partition-work.js';

const records = [recordOf(anEvent('OrderPlaced'), null)];
const work = (changes: Partial<Work> = {}): Work => ({
  records,
  ours: () => true,
  heartbeat: async () => undefined,
  ...changes,
});

function worker(onBatch: Subscription['onBatch']) {
  return new PartitionWork(onBatch, () => undefined);
}

/** An onBatch that the test resolves. */
function held() {
  const calls: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const onBatch = () => new Promise<void>((resolve, reject) => calls.push({ resolve, reject }));
  return { calls, onBatch };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the work on one partition', () => {
  it('is done when onBatch resolves', async () => {
    const partition = worker(async () => undefined);
    expect(await partition.handle(work())).toBe(true);
  });

  it.each([new TypeError('a bug'), new Error('away'), undefined])(
    'is tried again when onBatch rejects with %s',
    async (error) => {
      let calls = 0;
      const partition = worker(async () => {
        if (++calls < 3) throw error;
      });
      expect(await partition.handle(work())).toBe(true);
      expect(calls).toBe(3);
    },
  );

  it('survives an onBatch that throws at once', async () => {
    let calls = 0;
    const partition = worker(() => {
      if (++calls === 1) throw new RangeError('at once');
      return Promise.resolve();
    });
    expect(await partition.handle(work())).toBe(true);
  });

  // proves: heartbeats go on during long work
  it('sends heartbeats meanwhile, and is abandoned when one fails', async () => {
    const { onBatch } = held();
    let beats = 0;
    const heartbeat = async () => {
      if (++beats === 2) throw new Error('The group is rebalancing');
    };
    expect(await worker(onBatch).handle(work({ heartbeat }))).toBe(false);
    expect(beats).toBe(2);
  });

  // proves: an abandoned attempt ends before the next begins
  it('does not start again before the abandoned attempt has ended', async () => {
    const { calls, onBatch } = held();
    const partition = worker(onBatch);
    expect(await partition.handle(work({ heartbeat: () => Promise.reject(new Error('rebalance')) }))).toBe(false);
    const again = partition.handle(work());
    await turn();
    expect(calls).toHaveLength(1);
    calls[0]?.resolve();
    await turn();
    calls[1]?.resolve();
    expect(await again).toBe(true);
  });

  it('ends without another attempt once the partition was reassigned', async () => {
    let ours = true;
    let calls = 0;
    const partition = worker(async () => {
      calls++;
      ours = false;
      throw new Error('away');
    });
    expect(await partition.handle(work({ ours: () => ours }))).toBe(false);
    expect(calls).toBe(1);
  });

  it('lets the attempt that runs end when it is stopped', async () => {
    const { calls, onBatch } = held();
    const partition = worker(onBatch);
    const done = partition.handle(work());
    await turn();
    partition.stop();
    calls[0]?.resolve();
    expect(await done).toBe(true);
  });

  it('is abandoned when its attempt does not end in time', async () => {
    const partition = worker(() => new Promise(() => undefined));
    const done = partition.handle(work());
    await turn();
    partition.abandon();
    expect(await done).toBe(false);
  });

  it('does not wait for its turn after a stop', async () => {
    const { calls, onBatch } = held();
    const partition = worker(onBatch);
    await partition.handle(work({ heartbeat: () => Promise.reject(new Error('rebalance')) }));
    const again = partition.handle(work());
    await turn();
    partition.stop();
    expect([await again, calls.length]).toEqual([false, 1]);
  });

  it('does not try again after a stop', async () => {
    const partition = worker(() => Promise.reject(new Error('away')));
    const done = partition.handle(work());
    await turn();
    partition.stop();
    expect(await done).toBe(false);
  });
});
