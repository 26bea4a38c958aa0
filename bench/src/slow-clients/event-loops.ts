import type { SystemClient } from '@orderflow/client';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;

/** How late timers fired at most, in ms: requests waited as long for the process. */
export interface Lateness {
  readonly orders: number;
  /** This process, which sends the requests and takes their times. */
  readonly load: number;
}

/** Runs `task`, and watches the event loops of orders and of this process meanwhile. */
export async function watchingLoops<T>(client: SystemClient, task: () => Promise<T>): Promise<[T, Lateness]> {
  // The figures count from one scrape to the next.
  await latenessOfOrders(client);
  const own = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  own.enable();
  const result = await task();
  own.disable();
  return [result, { orders: await latenessOfOrders(client), load: own.max / 1e6 - RESOLUTION_MS }];
}

async function latenessOfOrders(client: SystemClient): Promise<number> {
  const { body } = await client.metrics('orders');
  const [, seconds] = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(body) ?? [];
  return Number(seconds) * 1000;
}
