import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Order, SystemClient } from '@orderflow/client';
import { quietSince, type Watcher } from './play.ts';

const POLL_MS = 50;

const shown = ['status', 'cancelReason', 'stock', 'payment', 'settled'] as const;

/** Prints the changes of orders' views, polled over HTTP: for systems whose Kafka is out of reach. */
export class ViewWatcher implements Watcher {
  private readonly client: SystemClient;
  private readonly ended = new AbortController();
  private readonly watching: Promise<void>[] = [];
  private lastPrinted = Date.now();

  constructor(client: SystemClient) {
    this.client = client;
  }

  watch(orderId: string, since: number): void {
    this.lastPrinted = Date.now();
    this.watching.push(this.follow(orderId, since));
  }

  async quiet(): Promise<void> {
    await quietSince(() => this.lastPrinted);
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
      if (changed.length > 0) this.print(since, changed.map((field) => `${field} ${String(order[field])}`).join(', '));
      last = order;
      if (order.settled) return;
      await sleep(POLL_MS);
    }
  }

  private print(since: number, words: string): void {
    const seconds = `+${((Date.now() - since) / 1000).toFixed(3)} s`.padStart(11);
    console.log(`${styleText('dim', seconds)}  ${words}`);
    this.lastPrinted = Date.now();
  }
}
