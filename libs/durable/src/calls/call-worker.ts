import { startSpan } from '@orderflow/telemetry';
import { backoffMs } from '../base/clock.js';
import { reasonOf } from '../base/failures.js';
import { Loop } from '../base/loop.js';
import { callDuration } from '../base/metrics.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { Caller } from '../definition/service-definition.js';
import type { Sql } from '../store/sql.js';
import type { Commands } from '../transaction/commands.js';
import { LEASE_MS, type PendingCall } from './external-calls.js';

// A hanging call occupies a slot until it times out, so there are more slots than a healthy provider needs.
const SLOTS = 512;
// Further calls stay in their table until their lease ends: memory is bounded however slow the other side is.
const MOST_WAITING = 10_000;
// A lease begins in the transaction, before this process learns of it: calls stop while the lease still holds.
const OURS_MS = LEASE_MS - 3_000;
const BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
const POLL_MS = 250;

/** A call that this instance may make until then. */
interface Leased {
  readonly call: PendingCall;
  readonly until: number;
}

/** Makes the committed external calls, and submits each answer as a command. */
export class CallWorker<Command, Tx = Sql> extends Loop {
  private readonly inFlight = new Map<string, Promise<void>>();
  /** In the order of their commit. A call that is claimed again meanwhile is known by its key. */
  private readonly waiting = new Map<string, Leased>();
  private readonly aborts = new Set<AbortController>();
  private stopped = false;

  constructor(
    private readonly callers: Readonly<Record<string, Caller<Command>>>,
    private readonly commands: Pick<Commands, 'submit'>,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'clock' | 'log' | 'settings'>,
  ) {
    super('external calls', POLL_MS, dependencies);
  }

  /** Calls that were just committed. */
  take(calls: readonly PendingCall[]): void {
    const until = this.dependencies.clock.now() + OURS_MS;
    for (const call of calls)
      if (!this.inFlight.has(call.key) && this.waiting.size < MOST_WAITING) this.waiting.set(call.key, { call, until });
    this.fillSlots();
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.stopped = true;
    for (const abort of this.aborts) abort.abort();
    await Promise.all(this.inFlight.values());
  }

  /** Takes over due calls. @returns true when there may be more */
  override async step(): Promise<boolean> {
    const free = SLOTS - this.inFlight.size - this.waiting.size;
    if (free <= 0) return false;
    const { store } = this.dependencies;
    const calls = await store.calls.claim(store.database, Math.min(free, 100));
    this.take(calls);
    return calls.length > 0;
  }

  private fillSlots(): void {
    for (const [key, leased] of this.waiting) {
      if (this.inFlight.size >= SLOTS || this.stopped) return;
      this.waiting.delete(key);
      // A call that waited for too long may belong to another instance by now: the next claim decides.
      if (leased.until > this.dependencies.clock.now()) this.inFlight.set(key, this.finish(leased));
    }
  }

  private async finish(leased: Leased): Promise<void> {
    await this.make(leased);
    this.inFlight.delete(leased.call.key);
    this.fillSlots();
  }

  private async make({ call, until }: Leased): Promise<void> {
    const { clock, log } = this.dependencies;
    const span = startSpan(`call ${call.kind}`, {
      kind: 'client',
      traceparent: call.context.traceparent,
      attributes: () => ({ 'orderflow.order.id': call.subject, 'orderflow.call.attempt': call.attempts }),
    });
    const since = clock.elapsed();
    const observe = (outcome: 'answered' | 'failed') =>
      callDuration.observe({ kind: call.kind, outcome }, (clock.elapsed() - since) / 1000, span.traceparent);
    let isAnswered = false;
    try {
      const command = await span.run(() => this.call(call, until));
      isAnswered = true;
      observe('answered');
      const context = { ...call.context, traceparent: span.traceparent, at: new Date(clock.now()) };
      const outcome = await this.commands.submit({ kind: 'command', command, context, answers: call.key });
      if (outcome.kind === 'refused') throw outcome.error;
      span.end();
    } catch (error) {
      if (!isAnswered) observe('failed');
      span.end(error);
      const { kind, key, attempts } = call;
      log.warn({ kind, key, attempts, reason: reasonOf(error) }, 'an external call failed and is repeated');
      // guard: an external call is made again with the same key until it is answered
      await this.retry(call, reasonOf(error));
    }
  }

  /** Within the lease, and only until the worker stops. */
  private async call(call: PendingCall, until: number): Promise<Command> {
    const { clock } = this.dependencies;
    const abort = new AbortController();
    this.aborts.add(abort);
    // Not AbortSignal.timeout: its timer would outlive the answer.
    const cancel = clock.after(Math.max(0, until - clock.now()), () => abort.abort());
    try {
      return await this.callers[call.kind]!(call, abort.signal);
    } finally {
      cancel();
      this.aborts.delete(abort);
    }
  }

  /** The outcome is unknown: the call is repeated with the same key. */
  private async retry(attempt: PendingCall, reason: string): Promise<void> {
    const { store, clock, log, settings } = this.dependencies;
    const maxMs = settings.callMaxBackoffMs ?? MAX_BACKOFF_MS;
    try {
      await store.calls.retryIn(store.database, attempt, backoffMs(clock, attempt.attempts, BACKOFF_MS, maxMs), reason);
    } catch (error) {
      log.warn({ key: attempt.key, reason: reasonOf(error) }, 'an external call waits for the end of its lease');
    }
  }
}
