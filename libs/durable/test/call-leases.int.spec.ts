import { eventually } from '@orderflow/client';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '../src/base/clock.js';
import { ExternalCalls } from '../src/calls/external-calls.js';
import { type Caller, LEASE_MS } from '../src/index.js';
import { Connection } from '../src/store/database.js';
import { answerOf, CallsDatabase, heldCaller } from './calls-database.js';
import type { Add } from './counters.js';

const calls = new CallsDatabase();

/** Its timers that renew leases go off after 50 ms instead of a third of a lease. */
const hasty: Clock = { ...systemClock, after: (ms, act) => systemClock.after(ms === LEASE_MS / 3 ? 50 : ms, act) };

describe('an external call', () => {
  // proves: a call of a lost service instance is taken over after its lease
  it('is taken over from a lost instance after its lease', async () => {
    await calls.lost().place('charge');
    await calls.endLeases();
    calls.calling(async (call) => answerOf(call));
    await eventually(async () => (await calls.valueOf(calls.subject)) === 11);
    expect(await calls.count('external_calls')).toBe(0);
  });
});

describe('an answer', () => {
  it('counts once when a second instance makes the call because the first is slow', async () => {
    const answer = (): Add => ({ subject: calls.subject, by: 10, from: 1, effects: [] });
    const answerNow = Promise.withResolvers<void>();
    let slowAnswers = 0;
    const slow: Caller<Add> = async () => {
      await answerNow.promise;
      slowAnswers++;
      return answer();
    };
    const { place, stop } = calls.calling(slow, { takesOver: false });
    await place('charge');
    await calls.endLeases();
    calls.calling(async () => answer());
    await eventually(async () => (await calls.valueOf(calls.subject)) === 11);
    answerNow.resolve();
    await stop();
    expect([slowAnswers, await calls.valueOf(calls.subject), await calls.count('external_calls')]).toEqual([1, 11, 0]);
  });
});

describe('a claim', () => {
  // proves: no more calls are claimed than there is room for
  it('takes no more calls than it asks for, whatever plan its statement gets', async () => {
    await calls.lost().place('a', 'b', 'c');
    await calls.endLeases();
    // What is left is a nested loop.
    const session = new Connection(calls.url, 'claim', {
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
      enable_hashagg: 'off',
      enable_sort: 'off',
      enable_material: 'off',
      enable_memoize: 'off',
    });
    calls.beforeDrop(() => session.end());
    const claimed = await session.session((sql) => new ExternalCalls().claim(sql, ['charge'], 1));
    expect(claimed).toHaveLength(1);
  });
});

describe('a call that takes long', () => {
  // proves: the lease of a call is renewed while it is made
  it('keeps its lease as long as it is made', async () => {
    const { caller, answer } = heldCaller();
    const { place } = calls.calling(caller, { clock: hasty });
    await place('long');
    await calls.database.query(`UPDATE external_calls SET next_attempt_at = now() + interval '9 s'`);
    await eventually(async () => (await calls.leaseOf('long')) > 10);
    // Renewed, and not claimed again.
    expect(await calls.database.query('SELECT attempts FROM external_calls')).toEqual([{ attempts: 1 }]);
    answer();
    await eventually(async () => (await calls.count('external_calls')) === 0);
    expect(await calls.valueOf(calls.subject)).toBe(11);
  });

  // proves: a lease is renewed for its own attempt only
  it('is given up once another instance has taken it over', async () => {
    const reasons: unknown[] = [];
    const untilAborted: Caller<Add> = async (_, signal) => {
      await once(signal, 'abort');
      reasons.push((signal.reason as Error).message);
      throw new Error('given up');
    };
    const { place } = calls.calling(untilAborted, { clock: hasty, takesOver: false });
    await place('taken');
    // As another instance does that takes it over.
    await calls.database.query('UPDATE external_calls SET attempts = attempts + 1');
    await eventually(() => reasons.length === 1);
    await calls.endLeases();
    calls.calling(async (call) => answerOf(call));
    await eventually(async () => (await calls.valueOf(calls.subject)) === 11);
    expect(reasons).toEqual(['another instance makes the call']);
  });

  // proves: a call that finds no free slot is released for other instances
  it('does not keep the calls behind it: another instance makes them', async () => {
    const { caller, made, answer } = heldCaller();
    const { place } = calls.calling(caller, { callsAtOnce: { charge: 1 }, clock: hasty });
    await place('first', 'second', 'third');
    await calls.extendLeases();
    const others: string[] = [];
    calls.calling(async (call) => {
      others.push(call.key);
      return { ...answerOf(call), by: 0 };
    });
    await eventually(() => others.length === 2);
    expect([made, others.toSorted()]).toEqual([['first'], ['second', 'third']]);
    answer();
  });
});
