import { inParallel, type NewOrder, type SystemClient } from '@orderflow/client';
import { Poster, randomOrder } from './load-orders.ts';

/** From the last POST on; with `--mix` some orders wait for their deadline and for the provider's silence. */
export const SETTLE_TIMEOUT_MS = 300_000;
/** Pause between two polls for settled orders, the resolution of the measured duration. */
const POLL_MS = 100;

export interface Load {
  readonly orders: number;
  readonly concurrency: number;
  /** Orders with any token, and now and then more than is in stock. */
  readonly mix?: boolean;
  /** Makes each order; by default {@link randomOrder} does. */
  readonly orderOf?: (customerId: string) => NewOrder;
}

export interface LoadTimes {
  /** The duration of each POST, ms. */
  readonly latencies: readonly number[];
  readonly postedSeconds: number;
  readonly settledSeconds: number;
}

/** Posts so many orders of a new customer, `concurrency` at a time, and waits until all are settled. */
export async function placeAndSettle(client: SystemClient, customerId: string, load: Load): Promise<LoadTimes> {
  const { orders, concurrency, mix = false, orderOf = (customer) => randomOrder(customer, mix) } = load;
  const poster = new Poster(client.urls.orders, concurrency, client.token);
  const latencies: number[] = [];
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  try {
    await inParallel(orders, concurrency, async () => {
      const since = performance.now();
      await poster.post(orderOf(customerId));
      latencies.push(performance.now() - since);
    });
    const postedSeconds = seconds();
    await client.allSettled(customerId, orders, SETTLE_TIMEOUT_MS, POLL_MS);
    return { latencies, postedSeconds, settledSeconds: seconds() };
  } finally {
    poster.close();
  }
}
