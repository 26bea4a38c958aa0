import { randomUUID } from 'node:crypto';
import { beforeEach } from '@jest/globals';
import type { ExternalCall } from '@orderflow/decider';
import { type Clock, systemClock } from '../src/base/clock.js';
import { CallWorker, type Callers } from '../src/calls/call-worker.js';
import { type Caller, type Incoming, TransientError } from '../src/index.js';
import { type Add, eventOf, type Instance } from './counters.js';
import { CountersDatabase } from './counters-database.js';

interface Options extends Omit<Callers<Add>, 'callers'> {
  readonly clock?: Clock;
  readonly callStopMs?: number;
  /** Commits of answers that fail. */
  readonly failures?: number;
  /** Whether it also takes over calls that are due (true). */
  readonly takesOver?: boolean;
}

export const answerOf = ({ subject }: ExternalCall): Add => ({ subject, by: 10, effects: [] });

/** A caller that answers when it is told to, whatever its signal says. */
export function heldCaller() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const made: string[] = [];
  const caller: Caller<Add> = async (call) => {
    made.push(call.key);
    await promise;
    return answerOf(call);
  };
  return { caller, made, answer: resolve };
}

/** The database of a counter service that makes external calls, one for each test. */
export class CallsDatabase extends CountersDatabase {
  /** Of all calls of the test. */
  subject = '';

  constructor() {
    super('test');
    beforeEach(() => {
      this.subject = randomUUID();
    });
  }

  /** An instance that requests calls, and is lost before it makes them. */
  lost() {
    return { place: this.placing(this.instance()) };
  }

  /** An instance that makes calls. */
  calling(caller: Caller<Add>, options: Options = {}) {
    const { callsAtOnce, clock = systemClock, callStopMs = 10_000, takesOver = true } = options;
    let { failures = 0 } = options;
    const taken: { take?: CallWorker<Add>['take'] } = {};
    const instance = this.instance({ afterCommit: { committed: (calls) => taken.take?.(calls) } });
    const { commands, dependencies } = instance;
    const answers = {
      submit: (answer: Incoming<Add>) =>
        failures-- > 0 ? Promise.reject(new TransientError('not committed')) : commands.submit(answer),
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
    this.beforeDrop(() => worker.stop());
    return { place: this.placing(instance), warnings, stop: () => worker.stop() };
  }

  /** Seconds until another instance may make a call. */
  async leaseOf(key: string): Promise<number> {
    const [row] = await this.database.query<{ seconds: number }>(
      'SELECT extract(epoch FROM next_attempt_at - now())::float8 AS seconds FROM external_calls WHERE key = $1',
      [key],
    );
    return row!.seconds;
  }

  async endLeases(): Promise<void> {
    await this.database.query('UPDATE external_calls SET next_attempt_at = now()');
  }

  /** No lease ends any more while the test runs: a call changes hands only where it is released. */
  async extendLeases(): Promise<void> {
    await this.database.query(`UPDATE external_calls SET next_attempt_at = now() + interval '1 hour'`);
  }

  /** Adds 1 to the counter, and requests these calls. */
  private placing({ commands }: Instance) {
    return (...keys: string[]) => {
      const effects = keys.map((key) => ({ call: { key, kind: 'charge', subject: this.subject, request: {} } }));
      return commands.submit(eventOf({ subject: this.subject, by: 1, effects }));
    };
  }
}
