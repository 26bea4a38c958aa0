import { describe, expect, it } from '@jest/globals';
import { atRate, atRateUntil } from './arrivals.ts';

const FAST = 1_000;

describe('tasks at a constant rate', () => {
  it('begin although the earlier ones have not ended', async () => {
    let begun = 0;
    let endAll: (() => void) | undefined;
    const allBegun = new Promise<void>((resolve) => (endAll = resolve));
    const results = await atRate(3, FAST, async (index) => {
      if (++begun === 3) endAll?.();
      await allBegun;
      return index;
    });
    expect(results).toEqual([0, 1, 2]);
  });

  it('are due at equal intervals, whenever they begin', async () => {
    const due = await atRate(4, FAST, (_index, dueAt) => Promise.resolve(dueAt));
    const intervals = due.slice(1).map((at, index) => Math.round(at - due[index]!));
    expect(intervals).toEqual([1, 1, 1]);
  });

  it('end with the first error', async () => {
    const failing = atRate(2, FAST, (index) => (index === 1 ? Promise.reject(new Error('no')) : Promise.resolve()));
    await expect(failing).rejects.toThrow('no');
  });

  it('without a number begin until they are over, and those under way are waited for', async () => {
    const over = new AbortController();
    const ended: number[] = [];
    let endFirst: (() => void) | undefined;
    const isSecondBegun = new Promise<void>((resolve) => (endFirst = resolve));
    await atRateUntil(over.signal, FAST, async (index) => {
      if (index === 0) await isSecondBegun;
      else over.abort();
      endFirst?.();
      ended.push(index);
    });
    expect(ended).toEqual([1, 0]);
  });

  it('without a number end with the first error, too', async () => {
    const over = new AbortController();
    const failing = atRateUntil(over.signal, FAST, async () => {
      over.abort();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
  });
});
