/** An answer that comes in time. The request goes on outside, whoever gave up waiting. */
export const unlessAborted = <T>(answer: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    answer,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
    }),
  ]);
