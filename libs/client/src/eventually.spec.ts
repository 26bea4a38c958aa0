import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

/** Answers these, one after the other; an Error is thrown. */
function answers<T>(...script: (T | Error)[]): () => T {
  return () => {
    const next = script.shift() as T | Error;
    if (next instanceof Error) throw next;
    return next;
  };
}

describe('eventually', () => {
  it('repeats the check while it throws or answers false, and returns its answer', async () => {
    const check = answers<number | false>(new Error('not yet'), false, 7, 8);
    expect(await eventually(check, 1_000, 1)).toBe(7);
  });

  it('takes a check without an answer for true', async () => {
    expect(await eventually(answers<undefined>(new Error('not yet'), undefined), 1_000, 1)).toBeUndefined();
  });

  it('throws the last error when time is up', async () => {
    let count = 0;
    const check = () => {
      throw new Error(`attempt ${++count}`);
    };
    const failure = await eventually(check, 20, 5).catch((error: unknown) => error);
    expect(count).toBeGreaterThan(1);
    expect(failure).toEqual(new Error(`attempt ${count}`));
  });

  it('quotes a check that was false to the end', async () => {
    const pending: string[] = ['order'];
    await expect(eventually(() => pending.length === 0, 0)).rejects.toThrow(/not true within 0 ms: .*pending/);
  });
});
