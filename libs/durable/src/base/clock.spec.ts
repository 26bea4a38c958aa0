import { describe, expect, it } from '@jest/globals';
import { backoffMs, systemClock } from './clock.js';

describe('a backoff', () => {
  it('doubles up to its limit, with jitter of a half', () => {
    for (const [attempts, most] of [
      [1, 100],
      [2, 200],
      [4, 800],
      [9, 1000],
      [5000, 1000],
    ] as const)
      for (let i = 0; i < 50; i++) {
        const wait = backoffMs(systemClock, attempts, 100, 1000);
        expect([wait >= most / 2, wait <= most]).toEqual([true, true]);
      }
    expect(new Set(Array.from({ length: 20 }, () => backoffMs(systemClock, 3, 100, 1000))).size).toBeGreaterThan(1);
  });
});
