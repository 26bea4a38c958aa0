import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './waiting.js';

describe('the pause between attempts', () => {
  it('doubles from 100 ms to 5 s', () => {
    expect([0, 1, 2, 5, 6, 99].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
      100, 200, 400, 3200, 5000, 5000,
    ]);
  });

  it('is half random, so that instances do not retry at the same moment', () => {
    expect([0, 0.5, 1].map((chance) => backoffMs(3, () => chance))).toEqual([400, 600, 800]);
  });
});
