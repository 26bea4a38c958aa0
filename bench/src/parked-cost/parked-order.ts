import { isDeepStrictEqual } from 'node:util';
import { eventually, type SystemClient } from '@orderflow/client';
import { randomOrder } from '../load-orders.ts';
import type { MailTimes } from './mail-times.ts';

// The services that consume OrderConfirmed.
const HOLDERS = ['inventory', 'notifications', 'orders'] as const;
const TIMEOUT_MS = 60_000;

const ALL_EVENTS = {
  orders: ['OrderPlaced', 'OrderConfirmed'],
  inventory: ['StockReserved', 'StockCommitted'],
  payments: ['PaymentCaptured'],
  notifications: ['NotificationSent'],
};

/** An order whose confirmation is parked behind an undecodable record until that is discarded. */
export class ParkedOrder {
  private readonly orderId: string;
  private readonly client: SystemClient;
  private readonly times: MailTimes;
  private readonly since = performance.now();

  private constructor(orderId: string, client: SystemClient, times: MailTimes) {
    this.orderId = orderId;
    this.client = client;
    this.times = times;
  }

  /** Returns once its confirmation is parked behind the record at every service that consumes it. */
  static async park(client: SystemClient, times: MailTimes): Promise<ParkedOrder> {
    const orderId = await client.place({ ...randomOrder('parked-cost-parked', false), paymentToken: 'tok_slow' });
    await client.chargeOf(orderId);
    await times.publishUndecodable(orderId);
    const order = new ParkedOrder(orderId, client, times);
    await eventually(async () => order.demandParked(), TIMEOUT_MS);
    return order;
  }

  /** @returns how long it was parked, ms @throws Error when it was not parked until now, or does not end confirmed and in order */
  async release(): Promise<number> {
    await this.demandParked();
    const parkedMs = performance.now() - this.since;
    await this.client.discardHeads(HOLDERS, this.orderId, 'published by the measurement', 'parked-cost');
    await this.client.orderWhen(this.orderId, ({ status, settled }) => settled && status === 'confirmed', TIMEOUT_MS);
    const types = this.times.typesOf(this.orderId);
    if (!isDeepStrictEqual(types, ALL_EVENTS))
      throw new Error(`order ${this.orderId} did not end in order: ${JSON.stringify(types)}`);
    return parkedMs;
  }

  private async demandParked(): Promise<void> {
    const parked = await Promise.all(
      HOLDERS.map(async (service) => (await this.client.deadLetters(service, { orderId: this.orderId })).length),
    );
    if (Math.min(...parked) < 2) throw new Error(`order ${this.orderId} is not parked everywhere: ${parked.join()}`);
  }
}
