import { inParallel, type Line, type NewOrder } from '@orderflow/client';
import { atRate } from './arrivals.ts';
import { Poster } from './load-orders.ts';
import type { Workload } from './workloads.ts';

/** Connections at a time: a slow system holds more of them. */
const MOST_AT_ONCE = 256;

/** An order that was accepted. */
export interface Accepted {
  readonly orderId: string;
  /** When the request was due, ms since 1970. */
  readonly dueAt: number;
  /** From then until the response, ms. */
  readonly postMs: number;
}

/** Places orders at a system, and keeps which were accepted. */
export class Generator {
  /** The lines of every accepted order, by order id. */
  readonly accepted = new Map<string, readonly Line[]>();
  /** Requests without a 202: an order may be there nevertheless. */
  refused = 0;
  private readonly poster: Poster;

  constructor(ordersUrl: string) {
    this.poster = new Poster(ordersUrl, MOST_AT_ONCE);
  }

  /** Places so many orders, `concurrency` at a time. */
  async atOnce(count: number, concurrency: number, { next }: Workload): Promise<Accepted[]> {
    const accepted: Accepted[] = [];
    await inParallel(count, concurrency, async () => {
      accepted.push(...(await this.place(next(), performance.now())));
    });
    return accepted;
  }

  /** Places orders at a constant rate, however long the responses take; latency counts from when each was due. */
  async atRate(count: number, perSecond: number, { next }: Workload): Promise<Accepted[]> {
    return (await atRate(count, perSecond, (_index, dueAt) => this.place(next(), dueAt))).flat();
  }

  close(): void {
    this.poster.close();
  }

  /** @returns nothing for a refusal, which is counted */
  private async place(order: NewOrder, dueAt: number): Promise<Accepted[]> {
    try {
      const orderId = await this.poster.post(order);
      this.accepted.set(orderId, order.lines);
      return [{ orderId, dueAt: performance.timeOrigin + dueAt, postMs: performance.now() - dueAt }];
    } catch (error) {
      this.refused++;
      console.error(error instanceof Error ? error.message : error);
      return [];
    }
  }
}
