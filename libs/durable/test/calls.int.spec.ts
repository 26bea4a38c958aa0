import { eventually } from '@orderflow/client';
import type { Effect, ExternalCall } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '../src/base/clock.js';
import { CallWorker, type Callers } from '../src/calls/call-worker.js';
import { ExternalCalls } from '../src/calls/external-calls.js';
import { type Caller, type Incoming, LEASE_MS, NotAnswered, TransientError } from '../src/index.js';
import { Connection } from '../src/store/database.js';
import { type Add, eventOf } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase('test');
let subject: string;

beforeEach(() => {
  subject = randomUUID();
});

interface Options extends Omit<Callers<Add>, 'callers'> {
  readonly clock?: Clock;
  readonly callStopMs?: number;
  /** Commits of answers that fail. */
  readonly failures?: number;
  /** Whether it also takes over calls that are due (true). */
  readonly takesOver?: boolean;
}

/** An instance whose commits reach the given call worker. */
function running(taken: { take?: CallWorker<Add>['take'] } = {}) {
  const made = counters.instance({ afterCommit: { committed: (calls) => taken.take?.(calls) } });
  return { ...made, submit: (incoming: Incoming<Add>) => made.commands.submit(incoming) };
}

/** An instance that makes calls. */
function calling(caller: Caller<Add>, options: Options = {}) {
  const { callsAtOnce, clock = systemClock, callStopMs = 10_000, takesOver = true } = options;
  let { failures = 0 } = options;
  const taken: { take?: CallWorker<Add>['take'] } = {};
  const { submit, dependencies } = running(taken);
  const answers = {
    submit: (answer: Incoming<Add>) =>
      failures-- > 0 ? Promise.reject(new TransientError('not committed')) : submit(answer),
  };
  const settings = { ...dependencies.settings, callStopMs };
  const warnings: unknown[] = [];
  const log = { ...dependencies.log, warn: (_fields: object, message?: string) => void warnings.push(message) };
  const worker = new CallWorker<Add>({ callers: { charge: caller }, callsAtOnce }, answers, {
    ...dependencies,
    clock,
    log,
    settings,
  });
  taken.take = (calls) => worker.take(calls);
  if (takesOver) worker.start();
  counters.beforeDrop(() => worker.stop());
  const place = (...keys: string[]) => submit(eventOf({ subject, by: 1, effects: keys.map(effectOf) }));
  return { submit, place, warnings, stop: () => worker.stop() };
}

const effectOf = (key: string): Effect => ({ call: { key, kind: 'charge', subject, request: {} } });
const callOf = (subject: string): Effect[] => [effectOf(`charge-${subject}`)];
const answerOf = ({ subject }: ExternalCall): Add => ({ subject, by: 10, effects: [] });

/** Its timers that renew leases go off after 50 ms instead of a third of a lease. */
const hasty: Clock = { ...systemClock, after: (ms, act) => systemClock.after(ms === LEASE_MS / 3 ? 50 : ms, act) };

/** A caller that answers when it is told to, whatever its signal says. */
function heldCaller() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const made: string[] = [];
  const caller: Caller<Add> = async (call) => {
    made.push(call.key);
    await promise;
    return answerOf(call);
  };
  return { caller, made, answer: resolve };
}

/** Seconds until another instance may make a call. */
async function leaseOf(key: string): Promise<number> {
  const [row] = await counters.database.query<{ seconds: number }>(
    'SELECT extract(epoch FROM next_attempt_at - now())::float8 AS seconds FROM external_calls WHERE key = $1',
    [key],
  );
  return row!.seconds;
}

const endLeases = () => counters.database.query('UPDATE external_calls SET next_attempt_at = now()');

/** No lease ends any more while the test runs: a call changes hands only where it is released. */
const extendLeases = () =>
  counters.database.query(`UPDATE external_calls SET next_attempt_at = now() + interval '1 hour'`);

describe('an external call', () => {
  it('is made after the commit, and its answer deletes the row', async () => {
    const pendingDuringCall: number[] = [];
    const { submit } = calling(async (call) => {
      pendingDuringCall.push(await counters.count('external_calls'));
      return answerOf(call);
    });
    await submit(eventOf({ subject, by: 1, effects: callOf(subject) }));
    await eventually(async () => (await counters.valueOf(subject)) === 11);
    expect([pendingDuringCall, await counters.count('external_calls')]).toEqual([[1], 0]);
  });

  // proves: an external call is made again with the same key until it is answered
  it('is made again with the same key after an unknown outcome', async () => {
    const keys: string[] = [];
    const { submit } = calling(async (call) => {
      keys.push(call.key);
      if (keys.length < 3) throw new Error('no answer');
      return answerOf(call);
    });
    await submit(eventOf({ subject, by: 1, effects: callOf(subject) }));
    await eventually(async () => (await counters.valueOf(subject)) === 11);
    expect(keys).toEqual(Array(3).fill(`charge-${subject}`));
  });

  // proves: a call of a lost service instance is taken over after its lease
  it('is taken over from a lost instance after its lease', async () => {
    await running().submit(eventOf({ subject, by: 1, effects: callOf(subject) }));
    await endLeases();
    calling(async (call) => answerOf(call));
    await eventually(async () => (await counters.valueOf(subject)) === 11);
    expect(await counters.count('external_calls')).toBe(0);
  });

  it('waits its turn when more are due than are made at the same time', async () => {
    const { submit } = calling(async ({ subject }) => ({ subject, by: 0, effects: [] }));
    const calls = Array.from({ length: 1500 }, (_, i) => effectOf(`${subject}-${i}`));
    await submit(eventOf({ subject, by: 1, effects: calls }));
    await extendLeases();
    await eventually(async () => (await counters.count('external_calls')) === 0);
    expect(await counters.valueOf(subject)).toBe(1);
  });
});

describe('a claim', () => {
  // proves: no more calls are claimed than there is room for
  it('takes no more calls than it asks for, whatever plan its statement gets', async () => {
    await running().submit(eventOf({ subject, by: 1, effects: ['a', 'b', 'c'].map(effectOf) }));
    await endLeases();
    // What is left is a nested loop.
    const session = new Connection(counters.url, 'claim', {
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
      enable_hashagg: 'off',
      enable_sort: 'off',
      enable_material: 'off',
      enable_memoize: 'off',
    });
    counters.beforeDrop(() => session.end());
    const claimed = await session.session((sql) => new ExternalCalls().claim(sql, ['charge'], 1));
    expect(claimed).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('counts once when a second instance makes the call because the first is slow', async () => {
    const answer = (): Add => ({ subject, by: 10, from: 1, effects: [] });
    const answerNow = Promise.withResolvers<void>();
    let slowAnswers = 0;
    const slow: Caller<Add> = async () => {
      await answerNow.promise;
      slowAnswers++;
      return answer();
    };
    const { submit, stop } = calling(slow, { takesOver: false });
    await submit(eventOf({ subject, by: 1, effects: callOf(subject) }));
    await endLeases();
    calling(async () => answer());
    await eventually(async () => (await counters.valueOf(subject)) === 11);
    answerNow.resolve();
    await stop();
    expect([slowAnswers, await counters.valueOf(subject), await counters.count('external_calls')]).toEqual([1, 11, 0]);
  });
});

describe('a call that takes long', () => {
  // proves: the lease of a call is renewed while it is made
  it('keeps its lease as long as it is made', async () => {
    const { caller, answer } = heldCaller();
    const { place } = calling(caller, { clock: hasty });
    await place('long');
    await counters.database.query(`UPDATE external_calls SET next_attempt_at = now() + interval '9 s'`);
    await eventually(async () => (await leaseOf('long')) > 10);
    // Renewed, and not claimed again.
    expect(await counters.database.query('SELECT attempts FROM external_calls')).toEqual([{ attempts: 1 }]);
    answer();
    await eventually(async () => (await counters.count('external_calls')) === 0);
    expect(await counters.valueOf(subject)).toBe(11);
  });

  // proves: a lease is renewed for its own attempt only
  it('is given up once another instance has taken it over', async () => {
    const reasons: unknown[] = [];
    const untilAborted: Caller<Add> = async (_, signal) => {
      await once(signal, 'abort');
      reasons.push((signal.reason as Error).message);
      throw new Error('given up');
    };
    const { place } = calling(untilAborted, { clock: hasty, takesOver: false });
    await place('taken');
    // As another instance does that takes it over.
    await counters.database.query('UPDATE external_calls SET attempts = attempts + 1');
    await eventually(() => reasons.length === 1);
    await endLeases();
    calling(async (call) => answerOf(call));
    await eventually(async () => (await counters.valueOf(subject)) === 11);
    expect(reasons).toEqual(['another instance makes the call']);
  });

  // proves: a call that finds no free slot is released for other instances
  it('does not keep the calls behind it: another instance makes them', async () => {
    const { caller, made, answer } = heldCaller();
    const { place } = calling(caller, { callsAtOnce: { charge: 1 }, clock: hasty });
    await place('first', 'second', 'third');
    await extendLeases();
    const others: string[] = [];
    calling(async (call) => {
      others.push(call.key);
      return { ...answerOf(call), by: 0 };
    });
    await eventually(() => others.length === 2);
    expect([made, others.toSorted()]).toEqual([['first'], ['second', 'third']]);
    answer();
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
    const { place } = calling(caller, { failures: 2 });
    await place('once');
    await eventually(async () => (await counters.count('external_calls')) === 0);
    expect([made, await counters.valueOf(subject)]).toEqual([1, 11]);
  });
});

describe('a call that is not answered', () => {
  it('is made again after the time that its caller names, and remembers its first deferral', async () => {
    const calls: (Date | null | undefined)[] = [];
    const { place } = calling(async (call) => {
      calls.push(call.deferredSince);
      if (calls.length < 3) throw new NotAnswered('full', { when: 'after', ms: 600_000, waitsFor: 'other-side' });
      return answerOf(call);
    });
    await place('deferred');
    for (const attempt of [1, 2]) {
      await eventually(async () => calls.length === attempt && (await leaseOf('deferred')) > 60);
      await endLeases();
    }
    await eventually(async () => (await counters.count('external_calls')) === 0);
    expect(calls.map((since) => since ?? undefined)).toEqual([undefined, expect.any(Date), calls[1]]);
  });

  it('holds back the others while the other side takes none', async () => {
    const made: string[] = [];
    let stopped: number | undefined = Date.now();
    const { place, submit } = calling(
      async (call) => {
        made.push(call.key);
        throw new NotAnswered('closed', { when: 'pause' });
      },
      // While its clock stands still, its pause does not end.
      { clock: { ...systemClock, now: () => stopped ?? Date.now() } },
    );
    await place('first');
    await eventually(() => made.length === 1);
    await submit(eventOf({ subject, by: 1, effects: [effectOf('second')] }));
    expect(made).toEqual(['first']);
    stopped = undefined;
    await eventually(() => made.includes('second'));
  });

  it('is due at once if it had not begun', async () => {
    let attempts = 0;
    const { place } = calling(async (call) => {
      if (++attempts < 3) throw new NotAnswered('not begun', { when: 'unbegun' });
      return answerOf(call);
    });
    await place('unbegun');
    await eventually(async () => (await counters.valueOf(subject)) === 11);
    expect(attempts).toBe(3);
  });
});

describe('a stop', () => {
  // proves: a stop finishes the calls that cannot be given up
  it('waits for the calls that are being made, and releases the others', async () => {
    const { caller, made, answer } = heldCaller();
    const { place, stop, warnings } = calling(caller, { callsAtOnce: { charge: 1 } });
    await place('made', 'waiting');
    const stopped = stop();
    await eventually(async () => (await leaseOf('waiting')) <= 0);
    answer();
    await stopped;
    expect([made, await counters.pendingCallsOf(subject), await counters.valueOf(subject)]).toEqual([
      ['made'],
      ['waiting'],
      11,
    ]);
    // A call that is cut off is said before the others are released.
    expect(warnings).toEqual([]);
  });

  it('waits no longer than it may, and the call that it cuts off is not repeated at once', async () => {
    const { caller, made } = heldCaller();
    const { place, stop } = calling(caller, { callStopMs: 50 });
    await place('endless');
    await eventually(() => made.length === 1);
    await stop();
    expect(await leaseOf('endless')).toBeGreaterThan(60);
  });
});
