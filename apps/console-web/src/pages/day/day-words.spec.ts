import { describe, expect, it } from '@jest/globals';
import type { Day } from '@orderflow/console-api';
import { dayWords } from './day-words.js';

const day: Day = {
  state: 'none',
  startedAt: null,
  endedAt: null,
  ordersPerMinute: null,
  orders: 65,
  accepted: 0,
  refused: 0,
  why: null,
  popular: '20025',
  scarce: '20003',
  biggest: { lines: 284, orderId: null },
};
const [startedAt, endedAt] = ['2026-11-24T14:00:00.000Z', '2026-11-24T14:02:01.000Z'];

describe('the words of a day at the shop', () => {
  it.each([
    [{}, /^65 orders in two minutes/],
    [{ state: 'under_way', accepted: 23 }, '23 of 65 orders placed.'],
    [{ state: 'under_way', accepted: 23, refused: 2 }, '23 of 65 orders placed, 2 refused.'],
    [{ state: 'stopped', accepted: 23 }, 'Stopped: 23 of 65 orders placed.'],
    [{ state: 'over', accepted: 65, startedAt, endedAt }, 'Over after 2 m 1 s: 65 of 65 orders placed.'],
  ] satisfies [Partial<Day>, string | RegExp][])('say how far it is: %j', (change, words) => {
    expect(dayWords({ ...day, ...change })).toMatch(words);
  });
});
