import { eventually } from '@orderflow/client';
import type { ExternalCall } from '@orderflow/decider';
import { describe, expect, it } from '@jest/globals';
import { answerOf, CallsDatabase } from './calls-database.js';

const calls = new CallsDatabase();

describe('an external call', () => {
  it('is made after the commit, and its answer deletes the row', async () => {
    const pendingDuringCall: number[] = [];
    const { place } = calls.calling(async (call) => {
      pendingDuringCall.push(await calls.count('external_calls'));
      return answerOf(call);
    });
    await place('charge');
    await eventually(async () => (await calls.valueOf(calls.subject)) === 11);
    expect([pendingDuringCall, await calls.count('external_calls')]).toEqual([[1], 0]);
  });

  // proves: an external call is made again with the same key until it is answered
  it('is made again with the same key after an unknown outcome', async () => {
    const keys: string[] = [];
    const { place } = calls.calling(async (call) => {
      keys.push(call.key);
      if (keys.length < 3) throw new Error('no answer');
      return answerOf(call);
    });
    await place('charge');
    await eventually(async () => (await calls.valueOf(calls.subject)) === 11);
    expect(keys).toEqual(Array(3).fill('charge'));
  });

  it('waits its turn when more are due than are made at the same time', async () => {
    const { place } = calls.calling(async ({ subject }) => ({ subject, by: 0, effects: [] }));
    await place(...Array.from({ length: 1500 }, (_, i) => `call-${i}`));
    await calls.extendLeases();
    await eventually(async () => (await calls.count('external_calls')) === 0);
    expect(await calls.valueOf(calls.subject)).toBe(1);
  });
});

describe('an answer that is not committed', () => {
  // proves: an answer is submitted again instead of asking again
  it('is submitted again, and the call is not made again', async () => {
    let made = 0;
    const caller = async (call: ExternalCall) => {
      made++;
      return answerOf(call);
    };
    const { place } = calls.calling(caller, { failures: 2 });
    await place('once');
    await eventually(async () => (await calls.count('external_calls')) === 0);
    expect([made, await calls.valueOf(calls.subject)]).toEqual([1, 11]);
  });
});
