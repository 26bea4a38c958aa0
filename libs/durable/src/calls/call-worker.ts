import { startSpan } from '@orderflow/telemetry';
import { backoffMs, pause, within } from '../base/clock.js';
import { reasonOf, TransientError } from '../base/failures.js';
import { Loop } from '../base/loop.js';
import { callDuration } from '../base/metrics.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { Caller } from '../definition/service-definition.js';
import type { Sql } from '../store/sql.js';
import type { Commands } from '../transaction/commands.js';
import type { IncomingCommand, Outcome } from '../transaction/incoming.js';
import { type Failure, LEASE_MS, type PendingCall } from './external-calls.js';
import { Leases } from './leases.js';
import { Line } from './line.js';
import { type NextAttempt, NotAnswered } from './not-answered.js';

// A hanging call occupies a slot until it times out, so there are more slots than a healthy provider needs.
const AT_ONCE = 512;
// Further calls stay in their table until their lease ends: memory is bounded however slow the other side is.
const MOST_WAITING = 10_000;
// Committing and telling this process takes its time: calls stop while the lease still holds in the database.
const OURS_MS = LEASE_MS - 3_000;
const RENEW_MS = LEASE_MS / 3;
// After a failure: a database that did not answer until its timeout has left little of the lease.
const RENEW_AGAIN_MS = 500;
// Half a minute with the usual backoff: a mistake that is mended at once makes no dead letters.
const MAX_REFUSALS = 8;
const BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
// A call that was cut off by the stop may still have its effect: it is not repeated at once.
const CUT_OFF_MS = 5 * 60_000;
const STOP_MS = 10_000;
const POLL_MS = 250;

/** Calls by kind, and how many of a kind are made at a time (512). */
export interface Callers<Command> {
  readonly callers: Readonly<Record<string, Caller<Command>>>;
  readonly callsAtOnce?: Readonly<Record<string, number>> | undefined;
}

/**
 * Makes the committed external calls, and submits each answer as a command. A lease is renewed as long as its call is being made.
 * A call that finds no free slot for a third of a lease is released, for any instance that has one.
 */
export class CallWorker<Command, Tx = Sql> extends Loop {
  private readonly callers: Readonly<Record<string, Caller<Command>>>;
  private readonly lines: ReadonlyMap<string, Line>;
  private readonly leases: Leases;
  private readonly ends = new Set<Promise<void>>();
  /** Cancels the next renewal; a renewal that is under way counts as the next one. */
  private renewal: (() => void) | undefined;
  private stopped = false;
  private mayRenew = true;
  /** The table may hold calls that are due: a free slot fetches them at once. */
  private isBacklog = false;

  constructor(
    { callers, callsAtOnce = {} }: Callers<Command>,
    private readonly commands: Pick<Commands, 'submit'>,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'clock' | 'log' | 'settings'>,
  ) {
    super('external calls', POLL_MS, dependencies);
    this.callers = callers;
    this.leases = new Leases(dependencies.clock);
    const lineOf = (kind: string) => [kind, new Line(kind, callsAtOnce[kind] ?? AT_ONCE, MOST_WAITING)] as const;
    this.lines = new Map(Object.keys(callers).map(lineOf));
  }

  /** Calls that were just committed, or claimed at `takenAt`. */
  take(calls: readonly PendingCall[], takenAt = this.dependencies.clock.elapsed()): void {
    for (const call of calls) this.lines.get(call.kind)?.add({ call, takenAt, until: takenAt + OURS_MS });
    for (const line of this.lines.values()) this.begin(line);
    if (this.stopped) void this.release(takenAt);
    else this.renewLater();
  }

  /** Gives back the calls that have not begun, and waits for those that have, within the time that a stop may take. */
  override async stop(): Promise<void> {
    await super.stop();
    this.stopped = true;
    const { clock, log, settings } = this.dependencies;
    this.leases.abort('the service stops');
    const ended = Promise.all([...this.ends, this.release(clock.elapsed())]);
    // guard: a stop finishes the calls that cannot be given up
    await within(clock, settings.callStopMs ?? STOP_MS, ended);
    this.mayRenew = false;
    this.renewal?.();
    const cutOff = this.leases.endAll().map(async (call) => {
      log.warn({ kind: call.kind, key: call.key }, 'an external call did not end before the stop');
      await this.retry(call, CUT_OFF_MS, { reason: 'cut off by a stop' });
    });
    await Promise.all(cutOff);
  }

  /** Takes over due calls, as many as can begin at once. @returns true when there may be more */
  override async step(): Promise<boolean> {
    const { store, clock } = this.dependencies;
    const now = clock.elapsed();
    // Calls that waited for the end of a pause.
    for (const line of this.lines.values()) this.begin(line);
    const free = [...this.lines.values()].filter((line) => line.room(now) > 0);
    if (free.length === 0) return false;
    const limit = Math.min(100, ...free.map((line) => line.room(now)));
    const kinds = free.map(({ kind }) => kind);
    const calls = await store.calls.claim(store.database, kinds, limit);
    this.isBacklog = calls.length === limit;
    this.take(calls, now);
    return calls.length > 0;
  }

  private begin(line: Line): void {
    const { clock } = this.dependencies;
    while (!this.stopped) {
      const held = line.next(clock.elapsed());
      if (!held) return;
      line.begun.add(held.call.key);
      const signal = this.leases.begin(held.call, held.until);
      const ended = this.make(line, held.call, signal).finally(() => {
        this.leases.end(held.call);
        line.begun.delete(held.call.key);
        this.ends.delete(ended);
        this.begin(line);
        if (this.isBacklog) this.poke();
      });
      this.ends.add(ended);
    }
  }

  private async make(line: Line, call: PendingCall, signal: AbortSignal): Promise<void> {
    const { clock } = this.dependencies;
    const span = startSpan(`call ${call.kind}`, {
      kind: 'client',
      traceparent: call.context.traceparent,
      tracestate: call.context.tracestate,
      attributes: () => ({ 'orderflow.order.id': call.subject, 'orderflow.call.attempt': call.attempts }),
    });
    const since = clock.elapsed();
    const observe = (outcome: 'answered' | 'failed') =>
      callDuration.observe({ kind: call.kind, outcome }, (clock.elapsed() - since) / 1000, span.traceparent);
    let isAnswered = false;
    try {
      const command = await span.run(() => this.callers[call.kind]!(call, signal));
      isAnswered = true;
      line.pauses = 0;
      observe('answered');
      const context = { ...call.context, traceparent: span.traceparent, at: new Date(clock.now()) };
      const outcome = await this.submit({ kind: 'command', command, context, answers: call.key });
      if (outcome.kind === 'refused')
        throw new NotAnswered(reasonOf(outcome.error), { when: 'refused' }, { cause: outcome.error });
      span.end();
    } catch (error) {
      if (!isAnswered) observe('failed');
      span.end(error);
      await this.failed(line, call, error);
    }
  }

  /** An answer that is not committed is submitted again: to make the call again would repeat its effect. */
  private async submit(answer: IncomingCommand<Command>): Promise<Outcome<unknown>> {
    const { clock, log } = this.dependencies;
    for (let failures = 1; ; failures++) {
      try {
        return await this.commands.submit(answer);
      } catch (error) {
        // guard: an answer is submitted again instead of asking again
        if (this.stopped || !(error instanceof TransientError)) throw error;
        log.warn({ key: answer.answers, reason: reasonOf(error) }, 'an answer is not committed and is submitted again');
        await pause(clock, this.backoffMs(failures));
      }
    }
  }

  /** The outcome is unknown, or the caller knows that there was none: the call is repeated with the same key. */
  private async failed(line: Line, call: PendingCall, error: unknown): Promise<void> {
    const { log, settings } = this.dependencies;
    const { kind, key, attempts } = call;
    const reason = reasonOf(error);
    const next = error instanceof NotAnswered ? error.next : undefined;
    log.warn({ kind, key, attempts, reason }, 'an external call failed and is repeated');
    const waitsFor = next?.when === 'after' ? next.waitsFor : undefined;
    const mostRefusals = next?.when === 'refused' ? (settings.callMaxRefusals ?? MAX_REFUSALS) : undefined;
    // guard: an external call is made again with the same key until it is answered
    await this.retry(call, this.delayMs(line, attempts, next), { reason, waitsFor, mostRefusals });
  }

  private delayMs(line: Line, attempts: number, next: NextAttempt | undefined): number {
    switch (next?.when) {
      case 'unbegun':
        return 0;
      case 'after':
        return next.ms * (1 + this.dependencies.clock.random() / 2);
      case 'pause':
        return this.pauseLine(line, next.ms);
      case 'refused':
      case undefined:
        return this.backoffMs(attempts);
    }
  }

  /** Calls that fail together are one failure. @returns milliseconds until the pause ends */
  private pauseLine(line: Line, ms: number | undefined): number {
    const now = this.dependencies.clock.elapsed();
    if (!line.isPaused(now)) {
      line.pauses++;
      line.pause(now + (ms ?? this.backoffMs(line.pauses)));
    }
    return line.pausedUntil - now;
  }

  private backoffMs(failures: number): number {
    const { clock, settings } = this.dependencies;
    return backoffMs(clock, failures, BACKOFF_MS, settings.callMaxBackoffMs ?? MAX_BACKOFF_MS);
  }

  private async retry(call: PendingCall, delayMs: number, failure: Failure): Promise<void> {
    const { store, log } = this.dependencies;
    try {
      const isDead = await store.calls.retryIn(store.database, call, delayMs, failure);
      if (isDead) log.warn({ key: call.key, reason: failure.reason }, 'an external call is a dead letter');
    } catch (error) {
      log.warn({ key: call.key, reason: reasonOf(error) }, 'an external call waits for the end of its lease');
    }
  }

  private renewLater(ms = RENEW_MS): void {
    if (!this.mayRenew || this.renewal || [...this.lines.values()].every(({ isEmpty }) => isEmpty)) return;
    this.renewal = this.dependencies.clock.after(ms, () => {
      void this.renew().then((isDone) => {
        this.renewal = undefined;
        this.renewLater(isDone ? RENEW_MS : RENEW_AGAIN_MS);
      });
    });
  }

  /** @returns whether the database has answered. Never rejects */
  private async renew(): Promise<boolean> {
    const { store, clock, log } = this.dependencies;
    const now = clock.elapsed();
    // Young leases hold until the next time.
    const old = this.leases.endingBefore(now + OURS_MS - RENEW_MS / 2);
    try {
      // guard: the lease of a call is renewed while it is made
      // guard: a call that finds no free slot is released for other instances
      const [ours] = await Promise.all([store.calls.renew(store.database, old), this.release(now - RENEW_MS)]);
      this.leases.renewed(old, new Set(ours), now + OURS_MS);
      return true;
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'the leases of external calls are not renewed');
      return false;
    }
  }

  /** Releases the calls that have waited since `before` or longer. */
  private async release(before: number): Promise<void> {
    const { store, log } = this.dependencies;
    const waiting = [...this.lines.values()].flatMap((line) => line.givenUp(before));
    if (waiting.length === 0) return;
    this.isBacklog = true;
    await store.calls.release(store.database, waiting).catch((error: unknown) => {
      log.warn({ reason: reasonOf(error) }, 'external calls wait for the end of their lease');
    });
  }
}
