import type { NewOrder } from '@orderflow/client';
import type { Poster } from './load-orders.ts';

/** From the last POST on; with `--mix` some orders wait for their deadline and for the provider's silence. */
export const SETTLE_TIMEOUT_MS = 300_000;
/** Pause between two polls for settled orders, the resolution of the measured duration. */
export const POLL_MS = 100;

/** Posts so many orders, `concurrency` at a time. @returns the duration of each POST, ms */
export async function postAll(
  poster: Poster,
  orders: number,
  concurrency: number,
  next: () => NewOrder,
): Promise<number[]> {
  const latencies: number[] = [];
  let left = orders;
  const post = async () => {
    while (left-- > 0) {
      const since = performance.now();
      await poster.post(next());
      latencies.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, post));
  return latencies;
}
