import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Day, DayOrder } from '../../domain/shop/day.js';
import { ask } from '../ask.js';
import type { ConsoleSettings } from '../console-settings.js';
import { stockUp } from '../stock-up.js';

/** A service may be away for a while, and the price of a new product reaches orders a moment after it is on sale. */
const ATTEMPTS = 20;
const AGAIN_MS = 500;
const SHELVES_AT_ONCE = 8;
/** The customer has changed their mind, and the provider has not answered yet. */
const SECOND_THOUGHTS_MS = 500;

/** What a day has sold. */
export class Sales {
  accepted = 0;
  refused = 0;
  /** The last refusal. */
  why: string | undefined;
  private readonly onSale = new Set<string>();
  private readonly orderIds = new Map<DayOrder, string>();

  constructor(
    private readonly day: Day,
    private readonly urls: ConsoleSettings['urls'],
    private readonly token: string | undefined,
  ) {}

  idOf(order: DayOrder): string | undefined {
    return this.orderIds.get(order);
  }

  /**
   * Puts the products of an order on sale that no earlier one of the day has named. Never rejects: without a price, orders
   * refuses the order and says why.
   */
  async fillShelves({ sale }: DayOrder, stop: AbortSignal): Promise<void> {
    await this.persist(async () => {
      const missing = [...new Set(sale.lines.map(({ sku }) => sku))].filter((sku) => !this.onSale.has(sku));
      while (missing.length > 0)
        await Promise.all(missing.splice(0, SHELVES_AT_ONCE).map(async (sku) => this.fill(sku)));
    }, stop);
  }

  /** Places an order, again and again with the same key until it is accepted. Never rejects. */
  async sell(order: DayOrder, stop: AbortSignal): Promise<void> {
    const sent = { json: order.sale, headers: { 'idempotency-key': randomUUID() }, token: this.token };
    const place = async () => ask<{ orderId: string }>(`${this.urls.orders}/orders`, 'POST', sent);
    const placed = await this.persist(place, stop);
    if (placed instanceof Error) {
      this.refused += 1;
      this.why = placed.message;
      return;
    }
    this.accepted += 1;
    this.orderIds.set(order, placed.orderId);
    if (order.isCancelled) await this.cancel(placed.orderId, stop);
  }

  private async fill(sku: string): Promise<void> {
    const { product, units } = this.day.stock.get(sku)!;
    await stockUp(this.urls.inventory, product, units, this.token);
    this.onSale.add(sku);
  }

  private async cancel(orderId: string, stop: AbortSignal): Promise<void> {
    await wait(SECOND_THOUGHTS_MS, stop);
    await ask(`${this.urls.orders}/orders/${orderId}/cancel`, 'POST', { token: this.token }).catch(() => {
      // As for any customer, it may be too late: the order then takes its course.
    });
  }

  /** Repeats a request until it succeeds. @returns its last error where it did not within 10 s, or the day was stopped */
  private async persist<T>(request: () => Promise<T>, stop: AbortSignal): Promise<T | Error> {
    for (let left = ATTEMPTS; ; left -= 1) {
      try {
        return await request();
      } catch (error) {
        if (left === 0 || stop.aborted) return error as Error;
        await wait(AGAIN_MS, stop);
      }
    }
  }
}

/** Resolves early when it is stopped. */
export async function wait(ms: number, stop: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: stop }).catch(() => {
    // Stopped: the caller asks the signal.
  });
}
