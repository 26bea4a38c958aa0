import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 5000;

/** How long to wait after attempt number `attempt` (from 0), ms: doubling to 5 s, half of it random. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const longest = Math.min(FIRST_MS * 2 ** Math.min(attempt, 10), LONGEST_MS);
  return Math.round(longest * (0.5 + random() / 2));
}

/** Waits after attempt number `attempt` (from 0); rejects with AbortError when `signal` aborts. */
export const pause = (attempt: number, signal?: AbortSignal): Promise<void> =>
  sleep(backoffMs(attempt), undefined, signal === undefined ? {} : { signal });

/** Resolves when `signal` aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * The results of requests over one connection. None goes on after another has failed: kafkajs would connect again for it after
 * the disconnect.
 * @throws the first failure, once all of them have ended
 */
export async function allOf<T extends readonly unknown[]>(
  requests: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(requests);
  return Promise.all(requests);
}

/** Waits for `work`, at most `ms`. @returns false on a timeout. @throws the rejection of `work` before the timeout */
export async function within(ms: number, work: Promise<unknown> | undefined): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([Promise.resolve(work).then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
