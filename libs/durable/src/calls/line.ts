import type { PendingCall } from './external-calls.js';

/** A call that this instance may begin before `until`, and the time when it was taken. Instants of `Clock.elapsed`. */
export interface HeldCall {
  readonly call: PendingCall;
  readonly takenAt: number;
  readonly until: number;
}

/** The calls of one kind that this instance holds: those that are being made, and those that wait for a free slot. */
export class Line {
  /** By key. A call that is claimed again meanwhile is known by it. */
  readonly begun = new Set<string>();
  private readonly waiting = new Map<string, HeldCall>();
  /** Nothing begins before. */
  pausedUntil = 0;
  /** Pauses since the last answer. */
  pauses = 0;

  /** @param atOnce how many calls are made at a time */
  constructor(
    readonly kind: string,
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  isPaused(now: number): boolean {
    return now < this.pausedUntil;
  }

  /** How many calls could begin at once, were they there. */
  room(now: number): number {
    return this.isPaused(now) ? 0 : Math.max(0, this.atOnce - this.begun.size - this.waiting.size);
  }

  get isEmpty(): boolean {
    return this.begun.size + this.waiting.size === 0;
  }

  add(held: HeldCall): void {
    const { key } = held.call;
    if (!this.begun.has(key) && this.waiting.size < this.mostWaiting) this.waiting.set(key, held);
  }

  /** @returns the next call that may begin now, if any */
  next(now: number): HeldCall | undefined {
    if (this.isPaused(now) || this.begun.size >= this.atOnce) return undefined;
    for (const [key, held] of this.waiting) {
      this.waiting.delete(key);
      // A call that waited for too long may belong to another instance by now: the next claim decides.
      if (held.until > now) return held;
    }
    return undefined;
  }

  /** Nothing begins before `until`. */
  pause(until: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }

  /** Takes the calls out of the line that have waited since `before` or longer. */
  givenUp(before: number): PendingCall[] {
    const calls = [...this.waiting.values()].filter(({ takenAt }) => takenAt <= before).map(({ call }) => call);
    for (const { key } of calls) this.waiting.delete(key);
    return calls;
  }
}
