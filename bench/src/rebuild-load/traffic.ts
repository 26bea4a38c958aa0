import { atRateUntil } from '../arrivals.ts';
import { Poster, randomOrder } from '../load-orders.ts';

const MOST_AT_ONCE = 256;

/** Orders that are placed at a constant rate. */
export class Traffic {
  readonly accepted: string[] = [];
  /** Why each of the others was not accepted. */
  readonly refused: string[] = [];
  private readonly over = new AbortController();
  private readonly poster: Poster;
  private readonly customerId: string;
  private running: Promise<void> = Promise.resolve();

  constructor(ordersUrl: string, customerId: string) {
    this.poster = new Poster(ordersUrl, MOST_AT_ONCE);
    this.customerId = customerId;
  }

  begin(perSecond: number): void {
    this.running = atRateUntil(this.over.signal, perSecond, async () => {
      try {
        this.accepted.push(await this.poster.post(randomOrder(this.customerId, false)));
      } catch (error) {
        this.refused.push(String(error));
      }
    });
  }

  async end(): Promise<void> {
    this.over.abort();
    await this.running;
    this.poster.close();
  }
}
