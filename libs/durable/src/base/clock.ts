import { setImmediate } from 'node:timers/promises';

/** Time and chance as a process knows them. Everything above the store and the broker takes them from here; the simulation has its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since a fixed moment: measures durations, also while the wall clock is set. */
  elapsed(): number;
  /** Resolves when everything that is ready in this turn of the event loop has run. */
  turn(): Promise<void>;
  /** Calls `act` once, `ms` from now. @returns a function that cancels it */
  after(ms: number, act: () => void): () => void;
  /** From 0 to just below 1: the jitter of backoffs. */
  random(): number;
}

/** The clock of the process itself. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  turn: () => setImmediate(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Resolves `ms` from now. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));

/** Resolves with `work`, or `ms` from now if that is earlier. */
export const within = (clock: Clock, ms: number, work: Promise<unknown>): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    work.then(end, end);
  });

/**
 * How long to wait before the next attempt: doubled each time up to `maxMs`, with jitter of a half, so that callers that
 * failed together do not retry together.
 * @param attempts how many have failed, from 1
 * @returns milliseconds
 */
export const backoffMs = (clock: Clock, attempts: number, baseMs: number, maxMs: number): number =>
  Math.min(maxMs, baseMs * 2 ** Math.min(attempts - 1, 30)) * (0.5 + clock.random() / 2);
