import { setTimeout as sleep } from 'node:timers/promises';
import { Poster, randomOrder } from '../load-orders.ts';
import { quantile } from '../statistics.ts';
import type { MailTimes } from './mail-times.ts';

const MOST_AT_ONCE = 256;

/** Milliseconds. */
export interface Latencies {
  p50: number;
  p99: number;
}

/** Posts so many orders at a constant rate, however long the responses take, and waits until each is mailed. */
export async function flow(
  ordersUrl: string,
  times: MailTimes,
  orders: number,
  durationMs: number,
): Promise<Latencies> {
  const poster = new Poster(ordersUrl, MOST_AT_ONCE);
  const since = performance.now();
  const one = async (index: number): Promise<number> => {
    await sleep(Math.max(0, (index * durationMs) / orders - (performance.now() - since)));
    const postedAt = Date.now();
    const orderId = await poster.post(randomOrder('parked-cost', false));
    return (await times.mailOf(orderId)) - postedAt;
  };
  try {
    const latencies = await Promise.all(Array.from({ length: orders }, (_, index) => one(index)));
    return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
  } finally {
    poster.close();
  }
}
