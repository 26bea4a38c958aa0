import { startSpan } from '@orderflow/telemetry';
import { type Clock, systemClock } from '../base/clock.js';
import { backoffMs, reasonOf } from '../base/failures.js';
import { Loop } from '../base/loop.js';
import { callDuration } from '../base/metrics.js';
import type { Caller } from '../definition/options.js';
import { LEASE_MS, type PendingCall } from './external-calls.js';
import type { Incoming, Outcome } from '../definition/service.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';

// A call that hangs holds a place until it times out, so there are more places than a healthy outside world needs.
const PLACES = 512;
// Calls beyond this stay in their table until their lease is over: memory is bounded, whatever the outside world does.
const MOST_WAITING = 10_000;
// A lease begins in the transaction that is committed or claimed before we hear of it: we stop while it surely lasts.
const OURS_MS = LEASE_MS - 3_000;
const BACKOFF_MS = 200;
/** The longest pause between two asks, where nothing else is set. */
export const MAX_BACKOFF_MS = 10_000;

/** A call that is ours to make, until then. */
interface Leased {
  readonly call: PendingCall;
  readonly until: number;
}

/** Makes the outside calls that are committed, and brings each answer back as a command. */
export class CallWorker<Command, Tx = Sql> {
  private readonly underWay = new Map<string, Promise<void>>();
  /** In the order of their commit; a call that is claimed again meanwhile is known by its key. */
  private readonly waiting = new Map<string, Leased>();
  private readonly asking = new Set<AbortController>();
  private stopped = false;
  private readonly loop: Loop;

  /** @param submit the way to the handler */
  constructor(
    private readonly callers: Readonly<Record<string, Caller<Command>>>,
    private readonly submit: (incoming: Incoming<Command>) => Promise<Outcome<unknown>>,
    private readonly store: Pick<Store<Tx>, 'database' | 'calls'>,
    private readonly log: { warn(message: string): void },
    private readonly clock: Clock = systemClock,
    private readonly maxBackoffMs = MAX_BACKOFF_MS,
  ) {
    this.loop = new Loop(
      () => this.step(),
      250,
      (reason) => this.log.warn(`outside calls: ${reason}`),
    );
  }

  start(): void {
    this.loop.start();
  }

  /** Calls that were just committed. */
  take(calls: readonly PendingCall[]): void {
    const until = this.clock.now() + OURS_MS;
    for (const call of calls)
      if (!this.underWay.has(call.key) && this.waiting.size < MOST_WAITING) this.waiting.set(call.key, { call, until });
    this.fillPlaces();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    this.stopped = true;
    for (const call of this.asking) call.abort();
    await Promise.all(this.underWay.values());
  }

  /** Takes over calls that are due. @returns true when there may be more */
  async step(): Promise<boolean> {
    const places = PLACES - this.underWay.size - this.waiting.size;
    if (places <= 0) return false;
    const calls = await this.store.calls.claim(this.store.database, Math.min(places, 100));
    this.take(calls);
    return calls.length > 0;
  }

  private fillPlaces(): void {
    for (const [key, leased] of this.waiting) {
      if (this.underWay.size >= PLACES || this.stopped) return;
      this.waiting.delete(key);
      // It has waited for too long, and may be with somebody else by now: whoever is free claims it.
      if (leased.until > this.clock.now()) this.underWay.set(key, this.finish(leased));
    }
  }

  private async finish(leased: Leased): Promise<void> {
    await this.make(leased);
    this.underWay.delete(leased.call.key);
    this.fillPlaces();
  }

  private async make({ call, until }: Leased): Promise<void> {
    const span = startSpan(`call ${call.kind}`, {
      kind: 'client',
      traceparent: call.context.traceparent,
      attributes: () => ({ 'orderflow.order.id': call.subject, 'orderflow.call.attempt': call.attempts }),
    });
    const since = performance.now();
    const observe = (outcome: 'answered' | 'failed') =>
      callDuration.observe({ kind: call.kind, outcome }, (performance.now() - since) / 1000, span.traceparent);
    let asked = false;
    try {
      const command = await span.run(() => this.ask(call, until));
      asked = true;
      observe('answered');
      const context = { ...call.context, traceparent: span.traceparent, at: new Date(this.clock.now()) };
      const outcome = await this.submit({ kind: 'command', command, context, answers: call.key });
      if (outcome.kind === 'refused') throw outcome.error;
      span.end();
    } catch (error) {
      if (!asked) observe('failed');
      span.end(error);
      this.log.warn(`outside calls: ${call.kind} ${call.key}, attempt ${call.attempts}: ${reasonOf(error)}`);
      await this.askAgain(call, reasonOf(error));
    }
  }

  /** Within the lease, and only until we stop. */
  private async ask(call: PendingCall, until: number): Promise<Command> {
    const over = new AbortController();
    this.asking.add(over);
    // Not AbortSignal.timeout: its timer would outlive the answer.
    const untimed = this.clock.after(Math.max(0, until - this.clock.now()), () => over.abort());
    try {
      return await this.callers[call.kind]!(call, over.signal);
    } finally {
      untimed();
      this.asking.delete(over);
    }
  }

  /** The outcome is not known: the same key is asked again. */
  private async askAgain(attempt: PendingCall, reason: string): Promise<void> {
    try {
      const { calls, database } = this.store;
      await calls.askAgainIn(database, attempt, backoffMs(attempt.attempts, BACKOFF_MS, this.maxBackoffMs), reason);
    } catch (error) {
      this.log.warn(`outside calls: ${attempt.key} waits for the end of its lease: ${reasonOf(error)}`);
    }
  }
}
