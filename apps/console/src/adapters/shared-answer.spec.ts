import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SharedAnswer } from './shared-answer.js';

describe('an answer that many requests share', () => {
  let asked: number;
  let shared: SharedAnswer<number>;

  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-11-24T14:00:00.000Z') });
    asked = 0;
    shared = new SharedAnswer(async () => ++asked, 200);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is asked for once in its time', async () => {
    expect(await Promise.all([shared.get(), shared.get()])).toEqual([1, 1]);
    jest.advanceTimersByTime(200);
    expect(await shared.get()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await shared.get()).toBe(2);
  });

  it('is asked for again after its time where the time of day was set back', async () => {
    await shared.get();
    jest.setSystemTime(new Date('2026-11-24T13:00:00.000Z'));
    jest.advanceTimersByTime(201);
    expect(await shared.get()).toBe(2);
  });

  it('is asked for again once it is forgotten', async () => {
    await shared.get();
    shared.forget();
    expect(await shared.get()).toBe(2);
  });
});
