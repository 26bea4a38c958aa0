import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { quietLog } from '../../test/counters.js';
import type { Clock } from '../base/clock.js';
import type { Outcome } from '../transaction/incoming.js';
import { CallWorker } from './call-worker.js';
import type { Attempt, CallTable, PendingCall } from './external-calls.js';

const HOUR_MS = 3_600_000;

/** A clock that the test advances. Timers and durations do not follow the wall clock, which may be set. */
class TestClock implements Clock {
  wallAheadMs = HOUR_MS;
  private at = 0;
  private timers: { readonly at: number; readonly act: () => void }[] = [];

  now = () => this.at + this.wallAheadMs;
  elapsed = () => this.at;
  turn = async () => undefined;
  random = () => 0.5;

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.at + ms, act };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((one) => one !== timer));
  }

  get isQuiet(): boolean {
    return this.timers.length === 0;
  }

  async advance(ms: number): Promise<void> {
    const until = this.at + ms;
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers = this.timers.filter((one) => one !== next);
      this.at = next.at;
      next.act();
      await settled();
    }
    this.at = until;
  }

  private next(until: number) {
    return this.timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  }
}

/** Resolves when everything that is ready has run. */
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

const call: PendingCall = {
  key: 'charge-1',
  kind: 'charge',
  subject: '1',
  request: {},
  attempts: 1,
  context: { id: 'cause', correlationId: 'request', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
};

let clock: TestClock;
let renewals: (readonly string[])[];
let renew: (keys: readonly string[]) => Promise<string[]>;
/** Ends the call under way. */
let answer: () => void;
let signal: AbortSignal;
let worker: CallWorker<string, object>;

beforeEach(() => {
  clock = new TestClock();
  renewals = [];
  renew = async (keys) => [...keys];
  const calls: Partial<CallTable<object>> = {
    renew: (_tx, attempts: readonly Attempt[]) => {
      const keys = attempts.map(({ key }) => key);
      renewals.push(keys);
      return renew(keys);
    },
    release: async () => undefined,
    retryIn: async () => false,
  };
  const { promise, resolve } = Promise.withResolvers<string>();
  answer = () => resolve('answered');
  const charge = (_call: PendingCall, given: AbortSignal) => {
    signal = given;
    return promise;
  };
  const submit = async (): Promise<Outcome<unknown>> => ({ kind: 'done', state: undefined, events: 0 });
  worker = new CallWorker<string, object>({ callers: { charge } }, { submit }, {
    store: { database: {}, calls },
    clock,
    log: quietLog,
    settings: { topicPrefix: '', outboxPollMs: 100, callStopMs: 1_000 },
  } as unknown as ConstructorParameters<typeof CallWorker<string, object>>[2]);
});
afterEach(async () => {
  answer();
  await settled();
});

describe('the lease of a call', () => {
  it('is renewed on time, also when the wall clock is set back or ahead', async () => {
    for (const ms of [-HOUR_MS, HOUR_MS]) {
      worker.take([call]);
      clock.wallAheadMs += ms;
      renewals = [];
      await clock.advance(20_000);
      expect([renewals.length >= 3, new Set(renewals.flat()), signal.aborted]).toEqual([
        true,
        new Set(['charge-1']),
        false,
      ]);
    }
  });

  it('is renewed again at once after a renewal that failed late, before the lease ends', async () => {
    worker.take([call]);
    renew = () => new Promise((_, reject) => void clock.after(5_000, () => reject(new Error('timeout'))));
    await clock.advance(9_999);
    renew = async (keys) => [...keys];
    await clock.advance(10_000);
    expect(signal.aborted).toBe(false);
  });

  it('is not renewed after the stop, also when the stop cuts a renewal off', async () => {
    worker.take([call]);
    const { promise, resolve } = Promise.withResolvers<string[]>();
    renew = () => promise;
    await clock.advance(5_000);
    const stopped = worker.stop();
    await settled();
    await clock.advance(1_000);
    await stopped;
    resolve(['charge-1']);
    await settled();
    expect(clock.isQuiet).toBe(true);
  });
});
