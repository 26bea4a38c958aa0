import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Day } from '@orderflow/console-api';
import { Problem } from '@orderflow/http';
import { Clock } from '../../domain/clock.js';
import { ORDERS_A_DAY, planDay } from '../../domain/shop/day.js';
import { ConsoleSettings } from '../console-settings.js';
import { Sales, wait } from './sales.js';

/** A day that is under way, or the last one. */
interface Played {
  readonly startedAt: Date;
  readonly ordersPerMinute: number;
  readonly sales: Sales;
  readonly stop: AbortController;
  /** Resolves once no order of it is on its way. */
  readonly done: Promise<void>;
  endedAt?: Date;
}

/**
 * Plays a day at the shop, one at a time, whether or not a page is open. It is kept in memory: with this process the day
 * ends, and every order that was accepted takes its course without it.
 */
@Injectable()
export class ShopDay implements OnModuleDestroy {
  private readonly plan = planDay();
  private played: Played | undefined;

  constructor(
    private readonly settings: ConsoleSettings,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * @param token of the one who begins the day: all of its orders are placed with it
   * @throws Problem 404 where examples are off, 409 while a day is under way
   */
  start(ordersPerMinute: number, token?: string): Day {
    if (!this.settings.hasExamples) throw new Problem(404, 'not-found', 'This console has no shop.');
    if (this.played !== undefined && this.played.endedAt === undefined)
      throw new Problem(409, 'conflict', 'A day at the shop is under way: there is one at a time.');
    const sales = new Sales(this.plan, this.settings.urls, token);
    const stop = new AbortController();
    const startedAt = this.now();
    const done = this.play(sales, startedAt.getTime(), ordersPerMinute, stop.signal);
    const played: Played = { startedAt, ordersPerMinute, sales, stop, done };
    this.played = played;
    void done.then(() => (played.endedAt = this.now()));
    return this.state();
  }

  /** Places no further order. Resolves once those on their way are answered; without a day at once. */
  async stop(): Promise<Day> {
    this.played?.stop.abort();
    await this.played?.done;
    return this.state();
  }

  async onModuleDestroy(): Promise<void> {
    await this.stop();
  }

  state(): Day {
    const { popular, scarce, orders, biggest } = this.plan;
    const sales = this.played?.sales;
    return {
      state: this.word(),
      startedAt: this.played?.startedAt.toISOString() ?? null,
      endedAt: this.played?.endedAt?.toISOString() ?? null,
      ordersPerMinute: this.played?.ordersPerMinute ?? null,
      orders: ORDERS_A_DAY,
      accepted: sales?.accepted ?? 0,
      refused: sales?.refused ?? 0,
      why: sales?.why ?? null,
      popular,
      scarce,
      biggest: { lines: orders[biggest]!.sale.lines.length, orderId: sales?.idOf(orders[biggest]!) ?? null },
    };
  }

  private now(): Date {
    return new Date(this.clock.now());
  }

  private word(): Day['state'] {
    if (!this.settings.hasExamples) return 'off';
    if (this.played === undefined) return 'none';
    if (this.played.endedAt === undefined) return 'under_way';
    return this.played.stop.signal.aborted ? 'stopped' : 'over';
  }

  /** Never rejects. */
  private async play(sales: Sales, startMs: number, ordersPerMinute: number, stop: AbortSignal): Promise<void> {
    const dayMs = (ORDERS_A_DAY / ordersPerMinute) * 60_000;
    const underWay: Promise<void>[] = [];
    for (const order of this.plan.orders) {
      // Before its time has come: orders hears of a new product's price over Kafka.
      await sales.fillShelves(order, stop);
      await wait(Math.max(0, startMs + order.at * dayMs - this.clock.now()), stop);
      if (stop.aborted) break;
      underWay.push(sales.sell(order, stop));
    }
    await Promise.all(underWay);
  }
}
