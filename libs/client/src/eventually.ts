import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/**
 * Waits for a condition: repeats `check` until it neither throws nor answers false. A check without an answer, such as an
 * expectation, holds as soon as it does not throw.
 * @param withinMs milliseconds until it gives up (30,000); Infinity never does
 * @param everyMs pause between two checks; without it the pauses grow from 10 to 250 ms, since the services that are polled
 * run on the same few cores
 * @returns the answer of `check`
 * @throws the last error of `check`, or an Error that quotes a check that was false to the end
 */
export async function eventually<T>(
  check: () => T | false | Promise<T | false>,
  withinMs = 30_000,
  everyMs?: number,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let pauseMs = everyMs ?? FIRST_PAUSE_MS; ; pauseMs = everyMs ?? Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    let failure: unknown;
    try {
      const answer = await check();
      if (answer !== false) return answer;
    } catch (error) {
      failure = error;
    }
    if (Date.now() >= deadline) throw failure ?? new Error(`not true within ${withinMs} ms: ${String(check)}`);
    await sleep(pauseMs);
  }
}
