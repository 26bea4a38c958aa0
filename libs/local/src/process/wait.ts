import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from './setup-error.js';

/**
 * Asks `condition` again and again until it no longer throws, and returns its answer.
 * @param timeoutMs milliseconds until it gives up
 * @throws Error with the last reason when the time is up
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
