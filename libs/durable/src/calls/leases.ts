import type { Clock } from '../base/clock.js';
import type { PendingCall } from './external-calls.js';

/** When it ends, so does the signal of the call. */
interface Lease {
  readonly abort: AbortController;
  until: number;
  cancel: () => void;
}

/**
 * The leases of the calls that are being made, as this process believes them to be. Instants are those of `Clock.elapsed`: when
 * the wall clock is set, a lease in the database lasts as long as before.
 */
export class Leases {
  private readonly leases = new Map<PendingCall, Lease>();

  constructor(private readonly clock: Pick<Clock, 'elapsed' | 'after'>) {}

  /** @returns a signal that aborts when the lease ends */
  begin(call: PendingCall, until: number): AbortSignal {
    const lease = { abort: new AbortController(), until, cancel: () => undefined };
    this.leases.set(call, lease);
    this.extend(lease, until);
    return lease.abort.signal;
  }

  end(call: PendingCall): void {
    this.leases.get(call)?.cancel();
    this.leases.delete(call);
  }

  /** @returns the calls whose leases were still held; their signals no longer abort */
  endAll(): PendingCall[] {
    for (const lease of this.leases.values()) lease.cancel();
    const calls = [...this.leases.keys()];
    this.leases.clear();
    return calls;
  }

  /** Aborts all calls; a caller that cannot give its call up goes on, and its lease holds. */
  abort(reason: string): void {
    for (const { abort } of this.leases.values()) abort.abort(new Error(reason));
  }

  endingBefore(instant: number): PendingCall[] {
    return [...this.leases].filter(([, { until }]) => until <= instant).map(([call]) => call);
  }

  /** @param ours the keys that the database still gives to this process: the other `calls` are aborted */
  renewed(calls: readonly PendingCall[], ours: ReadonlySet<string>, until: number): void {
    for (const call of calls) {
      const lease = this.leases.get(call);
      // It has ended meanwhile.
      if (lease === undefined) continue;
      if (ours.has(call.key)) this.extend(lease, until);
      else lease.abort.abort(new Error('another instance makes the call'));
    }
  }

  // Not AbortSignal.timeout: its timer would outlive the answer.
  private extend(lease: Lease, until: number): void {
    lease.cancel();
    lease.until = until;
    lease.cancel = this.clock.after(Math.max(0, until - this.clock.elapsed()), () =>
      lease.abort.abort(new Error('the lease of the call has ended')),
    );
  }
}
