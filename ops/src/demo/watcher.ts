import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { eventually, type Order, type SystemClient } from '@orderflow/client';

const QUIET_MS = 400;
const POLL_MS = 50;

/** Prints the progress of the orders that it watches. */
export abstract class Watcher {
  protected lastPrinted = Date.now();

  /** @param since when the order was posted, ms since 1970: the lines count from there */
  abstract watch(orderId: string, since: number): void;
  abstract stop(): Promise<void>;

  /** Resolves when nothing has been printed for 0.4 s. */
  async quiet(): Promise<void> {
    await eventually(() => Date.now() - this.lastPrinted >= QUIET_MS, Infinity, 50);
  }

  protected print(ms: number, text: string): void {
    console.log(`${styleText('dim', `+${(ms / 1000).toFixed(3)} s`.padStart(11))}  ${text}`);
    this.lastPrinted = Date.now();
  }
}

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
      // After a failure it is asked again: the demo itself says when an order cannot be read for long.
      const order = await this.client.order(orderId).catch(() => last);
      const changed = shown.filter((field) => order[field] !== last[field]);
      const text = changed.map((field) => `${field} ${String(order[field])}`).join(', ');
      if (text !== '') this.print(Date.now() - since, text);
      last = order;
      if (order.settled) return;
      await sleep(POLL_MS);
    }
  }
}
