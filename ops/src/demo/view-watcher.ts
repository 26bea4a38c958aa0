import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Watcher } from './play.ts';
import type { Order, Shop } from './shop.ts';

const POLL_MS = 50;
const QUIET_MS = 400;

const shown = ['status', 'cancelReason', 'stock', 'payment', 'settled'] as const;

/** Watches orders from outside, by what their view says: for systems whose Kafka is out of reach. */
export class ViewWatcher implements Watcher {
  private readonly shop: Shop;
  private readonly ended = new AbortController();
  private readonly watching: Promise<void>[] = [];
  private lastPrinted = Date.now();

  constructor(shop: Shop) {
    this.shop = shop;
  }

  watch(orderId: string, since: number): void {
    this.lastPrinted = Date.now();
    this.watching.push(this.follow(orderId, since));
  }

  async quiet(): Promise<void> {
    while (Date.now() - this.lastPrinted < QUIET_MS) await sleep(POLL_MS);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.watching);
  }

  private async follow(orderId: string, since: number): Promise<void> {
    let last: Partial<Order> = {};
    while (!this.ended.signal.aborted) {
      const order = await this.shop.orderWhen(orderId, () => true, 0);
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
