import { eventually } from '@orderflow/client';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../src/base/clock.js';
import { NotAnswered } from '../src/index.js';
import { answerOf, CallsDatabase } from './calls-database.js';

const calls = new CallsDatabase();

describe('a call that is not answered', () => {
  it('is made again after the time that its caller names, and remembers its first deferral', async () => {
    const deferrals: (Date | null | undefined)[] = [];
    const { place } = calls.calling(async (call) => {
      deferrals.push(call.deferredSince);
      if (deferrals.length < 3) throw new NotAnswered('full', { when: 'after', ms: 600_000, waitsFor: 'other-side' });
      return answerOf(call);
    });
    await place('deferred');
    for (const attempt of [1, 2]) {
      await eventually(async () => deferrals.length === attempt && (await calls.leaseOf('deferred')) > 60);
      await calls.endLeases();
    }
    await eventually(async () => (await calls.count('external_calls')) === 0);
    expect(deferrals.map((since) => since ?? undefined)).toEqual([undefined, expect.any(Date), deferrals[1]]);
  });

  it('holds back the others while the other side takes none', async () => {
    const made: string[] = [];
    let stopped: number | undefined = Date.now();
    const { place } = calls.calling(
      async (call) => {
        made.push(call.key);
        throw new NotAnswered('closed', { when: 'pause' });
      },
      // While its clock stands still, its pause does not end.
      { clock: { ...systemClock, now: () => stopped ?? Date.now() } },
    );
    await place('first');
    await eventually(() => made.length === 1);
    await place('second');
    expect(made).toEqual(['first']);
    stopped = undefined;
    await eventually(() => made.includes('second'));
  });

  it('is due at once if it had not begun', async () => {
    let attempts = 0;
    const { place } = calls.calling(async (call) => {
      if (++attempts < 3) throw new NotAnswered('not begun', { when: 'unbegun' });
      return answerOf(call);
    });
    await place('unbegun');
    await eventually(async () => (await calls.valueOf(calls.subject)) === 11);
    expect(attempts).toBe(3);
  });
});
