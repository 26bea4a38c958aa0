import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from './errors.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
const LINE_EVERY_MS = 10_000;

export interface Patience {
  /** How long to try, ms; `Infinity` for a program that waits for its dependencies. */
  readonly withinMs: number;
  /** Called with the reason at the first failure and every 10 s after it. */
  readonly onWait?: (reason: string) => void;
}

/**
 * Repeats `attempt` until it resolves, while it rejects with a StartError whose `isAway` is true.
 * @throws its last error after `withinMs`, and any other error at once
 */
export async function untilReached<T>(attempt: () => Promise<T>, { withinMs, onWait }: Patience): Promise<T> {
  // Not by the wall clock: a machine often sets it while its services start.
  const until = performance.now() + withinMs;
  let nextLine = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StartError && error.isAway) || performance.now() >= until) throw error;
      if (performance.now() >= nextLine) {
        nextLine = performance.now() + LINE_EVERY_MS;
        onWait?.(error.message);
      }
    }
    await sleep(pauseMs);
  }
}
