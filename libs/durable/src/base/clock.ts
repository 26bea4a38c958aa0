import { setImmediate } from 'node:timers/promises';

/** Time as a process knows it; the simulation has one of its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves when all that is ready in this turn of the event loop has been heard. */
  turn(): Promise<void>;
  /** Calls `act` once, `ms` from now. @returns what takes it back */
  after(ms: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  turn: () => setImmediate(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves `ms` from now. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));
