import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Pace } from './pace.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

it('tasks that come at once run ten at a time, in their order', () => {
  const pace = new Pace();
  const ran: number[] = [];
  for (const number of numbers(25)) pace.run(() => void ran.push(number));
  expect(ran).toEqual([]);
  for (const after of [10, 20, 25]) {
    jest.advanceTimersToNextTimer();
    expect(ran).toEqual(numbers(after));
  }
});

it('a pace without tasks has no timer, and goes on with the next one', () => {
  const pace = new Pace();
  const ran: string[] = [];
  pace.run(() => void ran.push('first'));
  jest.advanceTimersToNextTimer();
  expect(jest.getTimerCount()).toBe(0);
  pace.run(() => void ran.push('second'));
  jest.advanceTimersToNextTimer();
  expect(ran).toEqual(['first', 'second']);
});
