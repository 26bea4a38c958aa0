import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again until `probe` no longer throws, and gives what it returned, nothing included: a probe is mostly an expectation.
 * It asks less and less often, since the services that it asks run on the same few cores as the test.
 * @param withinMs then what it threw last is thrown
 */
export async function eventually<T>(probe: () => T | Promise<T>, withinMs = 20_000): Promise<T> {
  const until = Date.now() + withinMs;
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 1.5, 250)) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() >= until) throw error;
    }
    await pause(waitMs);
  }
}
