import { setTimeout as sleep } from 'node:timers/promises';
import type { Order, SystemClient } from '@orderflow/client';
import { Watcher } from './watcher.ts';

const POLL_MS = 50;

const shown = ['status', 'cancelReason', 'stock', 'payment', 'settled'] as const;

/** Prints the changes of orders' views, polled over HTTP: for systems whose Kafka is out of reach. */
export class ViewWatcher extends Watcher {
  private readonly client: SystemClient;
  private readonly ended = new AbortController();
  private readonly watching: Promise<void>[] = [];

  constructor(client: SystemClient) {
    super();
    this.client = client;
  }

  watch(orderId: string, since: number): void {
    this.lastPrinted = Date.now();
    this.watching.push(this.follow(orderId, since));
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.watching);
  }

  private async follow(orderId: string, since: number): Promise<void> {
    let last: Partial<Order> = {};
    while (!this.ended.signal.aborted) {
      const order = await this.client.order(orderId);
      const changed = shown.filter((field) => order[field] !== last[field]);
      const text = changed.map((field) => `${field} ${String(order[field])}`).join(', ');
      if (text !== '') this.print(Date.now() - since, text);
      last = order;
      if (order.settled) return;
      await sleep(POLL_MS);
    }
  }
}
