/** Runs a task `count` times, at most `atOnce` at a time. @param task gets its number, from 0 @throws the first error of a task */
export async function inParallel(count: number, atOnce: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
