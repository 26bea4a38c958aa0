import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Begins tasks at a constant rate, however long each of them takes: a slow system gets no fewer of them.
 * @param perSecond tasks begun per second
 * @param task gets its number, from 0, and the moment at which it was due (`performance.now()`): latency counts from there
 * @returns the results in the order of their numbers. @throws the first error of a task
 */
export async function atRate<T>(
  count: number,
  perSecond: number,
  task: (index: number, dueAt: number) => Promise<T>,
): Promise<T[]> {
  const began = performance.now();
  const results: Promise<T>[] = [];
  for (let index = 0; index < count; index++) {
    const dueAt = began + (index * 1000) / perSecond;
    await sleep(Math.max(0, dueAt - performance.now()));
    const result = task(index, dueAt);
    // Thrown below: until then Node.js would end the program, and leave what it has started.
    result.catch(() => undefined);
    results.push(result);
  }
  return Promise.all(results);
}
