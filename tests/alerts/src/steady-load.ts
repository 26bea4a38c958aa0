import { reasonOf } from '@orderflow/local';
import { Poster, randomOrder } from '../../../bench/src/load-orders.ts';

const CONCURRENCY = 16;

/** Places so many orders a second until it is stopped, whatever the system says to them. */
export class SteadyLoad {
  accepted = 0;
  refused = 0;
  /** Why the last one was refused. */
  reason = '';
  private readonly poster: Poster;
  private readonly customerId: string;
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor(ordersUrl: string, customerId: string, perSecond: number) {
    this.poster = new Poster(ordersUrl, CONCURRENCY);
    this.customerId = customerId;
    this.timer = setInterval(() => this.begin(), 1000 / perSecond);
  }

  /** Places no more, and returns once the last order is answered. */
  async finish(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
  }

  /** Waits for nobody. */
  close(): void {
    clearInterval(this.timer);
    this.poster.close();
  }

  private begin(): void {
    const posting = this.post().finally(() => this.underWay.delete(posting));
    this.underWay.add(posting);
  }

  private async post(): Promise<void> {
    try {
      await this.poster.post(randomOrder(this.customerId, false));
      this.accepted++;
    } catch (error) {
      // Not lost sight of: the drill says how many, and why.
      this.refused++;
      this.reason = reasonOf(error);
    }
  }
}
