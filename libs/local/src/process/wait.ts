import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from './setup-error.js';

/**
 * Calls `condition` until it no longer rejects, and returns its result.
 * @param timeoutMs milliseconds
 * @throws Error with the last reason after the timeout
 */
export async function until<T>(condition: () => Promise<T>, timeoutMs: number, everyMs = 100): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await condition();
    } catch (error) {
      if (Date.now() >= deadline) throw new Error(`not ready after ${timeoutMs / 1000} s: ${reasonOf(error)}`);
    }
    await sleep(everyMs);
  }
}
