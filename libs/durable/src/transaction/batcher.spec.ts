import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.js';
import { TransientError } from '../base/failures.js';
import { Batcher, type BatchHandler } from './batcher.js';

const databaseError = (code: string) => Object.assign(new Error(code), { code });
const batcherOf = (handle: BatchHandler<number, number>['handle']) =>
  new Batcher({ handle, refused: async (item) => -item }, systemClock);

/** A handler that notes each batch and completes it at `finish`. */
function byHand() {
  const batches: number[][] = [];
  const waiting: (() => void)[] = [];
  const handle = (batch: readonly number[]) => {
    batches.push([...batch]);
    return new Promise<readonly number[]>((resolve) => waiting.push(() => resolve(batch)));
  };
  const finish = async () => {
    while (waiting.length === 0) await new Promise(setImmediate);
    waiting.shift()!();
  };
  return { batches, handle, finish };
}

describe('a batcher', () => {
  it('has one batch in flight, and makes one batch of the items that arrive meanwhile', async () => {
    const { batches, handle, finish } = byHand();
    const batcher = batcherOf(handle);
    const first = batcher.submit(1);
    while (batches.length === 0) await new Promise(setImmediate);
    const later = [2, 3, 4].map((item) => batcher.submit(item));
    await finish();
    await first;
    await finish();
    expect([await Promise.all(later), batches]).toEqual([
      [2, 3, 4],
      [[1], [2, 3, 4]],
    ]);
  });

  it('handles at most 500 items at a time', async () => {
    const sizes: number[] = [];
    const batcher = batcherOf(async (batch) => (sizes.push(batch.length), batch));
    await Promise.all(Array.from({ length: 1200 }, (_, i) => batcher.submit(i)));
    expect(sizes).toEqual([500, 500, 200]);
  });

  it('handles an item alone where that is asked for, in its place, and fails no other with it', async () => {
    const batches: number[][] = [];
    const batcher = batcherOf(async (batch) => {
      batches.push([...batch]);
      if (batch.includes(3)) throw new TransientError('too slow');
      return batch;
    });
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => batcher.submit(item, item === 3)));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(batches).toEqual([[1, 2], [3], [4, 5]]);
  });

  it('finds the item that the database refuses, and handles all others', async () => {
    const batcher = batcherOf(async (batch) => {
      if (batch.includes(7)) throw databaseError('23514');
      return batch;
    });
    const outcomes = await Promise.all([1, 2, 3, 7, 5, 6].map((item) => batcher.submit(item)));
    expect(outcomes).toEqual([1, 2, 3, -7, 5, 6]);
  });

  it('runs the whole batch again after a conflict', async () => {
    let conflicts = 0;
    const batcher = batcherOf(async (batch) => {
      if (conflicts++ < 3) throw databaseError('40P01');
      return batch;
    });
    expect(await Promise.all([1, 2].map((item) => batcher.submit(item)))).toEqual([1, 2]);
    expect(conflicts).toBe(4);
  });

  it('gives up after eight conflicts', async () => {
    let attempts = 0;
    const batcher = batcherOf(async () => {
      attempts++;
      throw databaseError('40P01');
    });
    await expect(batcher.submit(1)).rejects.toThrow(TransientError);
    expect(attempts).toBe(8);
  });

  it('rejects the whole batch after a transient error, and handles later items', async () => {
    let away = true;
    const batcher = batcherOf(async (batch) => {
      if (away) throw databaseError('57P01');
      return batch;
    });
    const results = await Promise.allSettled([1, 2].map((item) => batcher.submit(item)));
    expect(results.map((result) => result.status === 'rejected' && result.reason instanceof TransientError)).toEqual([
      true,
      true,
    ]);
    away = false;
    expect(await batcher.submit(3)).toBe(3);
  });

  it('rejects the items behind a failed batch: they may be later events of the same order', async () => {
    const handled: number[] = [];
    let calls = 0;
    const batcher = batcherOf(async (batch) => {
      if (++calls === 1) throw databaseError('57P01');
      handled.push(...batch);
      return batch;
    });
    const results = await Promise.allSettled(Array.from({ length: 1200 }, (_, i) => batcher.submit(i)));
    expect([handled, results.every(({ status }) => status === 'rejected')]).toEqual([[], true]);
  });

  it('handles nothing of the second half after a transient error in the first', async () => {
    const handled: number[] = [];
    const batcher = batcherOf(async (batch) => {
      if (batch.length > 2) throw databaseError('23514');
      if (batch.includes(1)) throw databaseError('57P01');
      handled.push(...batch);
      return batch;
    });
    await Promise.allSettled([1, 2, 3, 4].map((item) => batcher.submit(item)));
    expect(handled).toEqual([]);
  });

  it('is idle when the last item has its outcome', async () => {
    const batcher = batcherOf(async (batch) => batch);
    const done: number[] = [];
    void batcher.submit(1).then((item) => done.push(item));
    await batcher.idle();
    expect(done).toEqual([1]);
  });
});
