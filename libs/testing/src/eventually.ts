import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits for a condition instead of a time: looks again until `check` neither throws nor answers false or undefined.
 * @returns what `check` answered @throws what it threw last, or that it never came true, after `withinMs` (20,000)
 */
export async function eventually<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    let failure: unknown = new Error(`did not come true within ${withinMs} ms: ${String(check)}`);
    try {
      const answer = await check();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > end) throw failure;
    await pause(20);
  }
}
