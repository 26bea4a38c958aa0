import { setTimeout as sleep } from 'node:timers/promises';

/** Numbers from 0, each at its moment (`performance.now()`), as long as there are more. */
async function* arrivals(
  perSecond: number,
  isMore: (index: number) => boolean,
): AsyncGenerator<[index: number, dueAt: number]> {
  const began = performance.now();
  for (let index = 0; isMore(index); index++) {
    const dueAt = began + (index * 1000) / perSecond;
    await sleep(Math.max(0, dueAt - performance.now()));
    yield [index, dueAt];
  }
}

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
  const results: Promise<T>[] = [];
  for await (const [index, dueAt] of arrivals(perSecond, (next) => next < count)) {
    const result = task(index, dueAt);
    // Thrown below: until then Node.js would end the program, and leave what it has started.
    result.catch(() => undefined);
    results.push(result);
  }
  return Promise.all(results);
}

/** The same without an end but `over`. @returns once the last task has ended @throws the first error of a task */
export async function atRateUntil(
  over: AbortSignal,
  perSecond: number,
  task: (index: number, dueAt: number) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for await (const [index, dueAt] of arrivals(perSecond, () => !over.aborted)) {
    const ended = task(index, dueAt).then(() => void underWay.delete(ended));
    // It stays in the set, and is thrown below.
    ended.catch(() => undefined);
    underWay.add(ended);
  }
  await Promise.all(underWay);
}
