import { setTimeout as sleep } from 'node:timers/promises';
import { Poster, randomOrder } from '../load-orders.ts';
import type { Ear } from './ear.ts';

const MOST_AT_ONCE = 256;

/** Milliseconds. */
export interface Latencies {
  p50: number;
  p99: number;
}

/** Posts so many orders at a constant rate, however long the answers take, and waits until each is mailed. */
export async function flow(ordersUrl: string, ear: Ear, orders: number, durationMs: number): Promise<Latencies> {
  const poster = new Poster(ordersUrl, MOST_AT_ONCE);
  const since = performance.now();
  const one = async (index: number): Promise<number> => {
    await sleep(Math.max(0, (index * durationMs) / orders - (performance.now() - since)));
    const asked = Date.now();
    const orderId = await poster.post(randomOrder('parked-cost', false));
    return (await ear.mailOf(orderId)) - asked;
  };
  try {
    const latencies = await Promise.all(Array.from({ length: orders }, (_, index) => one(index)));
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
    return { p50: at(0.5), p99: at(0.99) };
  } finally {
    poster.close();
  }
}
