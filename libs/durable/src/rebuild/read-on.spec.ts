import { describe, expect, it } from '@jest/globals';
import { readOn } from './read-on.js';

/** How many times it reads, where so many records are there each time. */
async function timesWith(...records: number[]): Promise<number> {
  let times = 0;
  await readOn(async () => {
    const read = records[times++];
    if (read === undefined) throw new Error('it reads for ever');
    return read;
  });
  return times;
}

describe('reading after a live group', () => {
  it('ends once few records are left', async () => {
    expect(await timesWith(400_000, 80_000, 9_000, 2_000, 10)).toBe(4);
  });

  it('ends after one time where there are few', async () => {
    expect(await timesWith(0, 10)).toBe(1);
  });

  it('ends where as many come as are read', async () => {
    expect(await timesWith(400_000, 80_000, 9_000, 9_000)).toBe(4);
  });

  it('fails with what it reads', async () => {
    await expect(timesWith()).rejects.toThrow('for ever');
  });
});
