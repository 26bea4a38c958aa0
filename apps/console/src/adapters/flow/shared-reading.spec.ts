import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SharedReading } from './shared-reading.js';

interface Question {
  readonly resolve: (value: number) => void;
  readonly reject: (error: Error) => void;
}

describe('a reading that all pages share', () => {
  let questions: Question[];
  let silences: unknown[];
  let reading: SharedReading<number>;

  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-11-24T14:00:00.000Z') });
    questions = [];
    silences = [];
    reading = new SharedReading({
      ask: async () => new Promise((resolve, reject) => questions.push({ resolve, reject })),
      why: 'payments does not answer',
      onSilence: (error) => silences.push(error),
    });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const answered = async (value: number) => {
    const answer = reading.read();
    questions.at(-1)!.resolve(value);
    return answer;
  };
  const refused = async () => {
    const answer = reading.read();
    questions.at(-1)!.reject(new Error('connect ECONNREFUSED 10.0.0.7:3003'));
    return answer;
  };

  it('asks once for all that come within a second', async () => {
    const first = reading.read();
    const second = reading.read();
    questions[0]!.resolve(3);
    expect(await first).toEqual({ state: 'known', at: '2026-11-24T14:00:00.000Z', value: 3 });
    expect(await second).toEqual(await first);
    jest.advanceTimersByTime(999);
    expect(await reading.read()).toEqual(await first);
    expect(questions).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(await answered(4)).toMatchObject({ value: 4 });
    expect(questions).toHaveLength(2);
  });

  it('asks again after a second where the time of day was set back', async () => {
    await answered(3);
    jest.setSystemTime(new Date('2026-11-24T13:00:00.000Z'));
    jest.advanceTimersByTime(1_000);
    expect(await answered(4)).toEqual({ state: 'known', at: '2026-11-24T13:00:01.000Z', value: 4 });
  });

  it('asks nothing while no page asks', () => {
    jest.advanceTimersByTime(60_000);
    expect(questions).toHaveLength(0);
  });

  it('is unknown since the last answer when the next one is a failure, and does not say which host failed', async () => {
    await answered(3);
    jest.advanceTimersByTime(5_000);
    expect(await refused()).toEqual({
      state: 'unknown',
      since: '2026-11-24T14:00:00.000Z',
      why: 'payments does not answer',
    });
    jest.advanceTimersByTime(5_000);
    expect(await refused()).toMatchObject({ since: '2026-11-24T14:00:00.000Z' });
    expect(silences).toHaveLength(1);
  });

  it('is unknown since the first question where there was no answer yet', async () => {
    expect(await refused()).toMatchObject({ since: '2026-11-24T14:00:00.000Z' });
    jest.advanceTimersByTime(3_000);
    expect(await refused()).toMatchObject({ since: '2026-11-24T14:00:00.000Z' });
  });

  it('lets no page wait for longer than its patience, and has one question under way', async () => {
    await answered(3);
    jest.advanceTimersByTime(1_000);
    const waiting = reading.read();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await waiting).toMatchObject({ state: 'unknown', since: '2026-11-24T14:00:00.000Z' });
    jest.advanceTimersByTime(30_000);
    expect(await reading.read()).toMatchObject({ state: 'unknown' });
    expect(questions).toHaveLength(2);
  });

  it('is known again once an answer comes', async () => {
    await refused();
    jest.advanceTimersByTime(1_000);
    expect(await answered(0)).toMatchObject({ state: 'known', value: 0 });
  });
});
