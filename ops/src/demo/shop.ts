import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from '@orderflow/local';
import { ask, Refused } from './http.ts';

export interface Product {
  sku: string;
  name: string;
  priceMinor: number;
  currency: string;
}

/** What stands in inventory. */
export interface Stock extends Product {
  onHand: number;
  reserved: number;
  available: number;
  committed: number;
}

export interface Line {
  sku: string;
  quantity: number;
}

export interface NewOrder {
  customerId: string;
  email: string;
  lines: Line[];
  paymentToken: string;
}

/** As much of an order as is looked at here. */
export interface Order {
  orderId: string;
  status: 'placed' | 'confirmed' | 'cancelled';
  cancelReason?: string;
  stock: string;
  payment: string;
  settled: boolean;
  totalMinor: number;
  currency: string;
}

/** One line of the payment provider's books. */
export interface Charge {
  status: 'captured' | 'declined';
  amountMinor: number;
  refundedMinor: number;
}

const PRICE_TIMEOUT_MS = 30_000;

/** The running system as its customers and its warehouse see it. */
export class Shop {
  private readonly urls: Readonly<Record<ServiceName, string>>;

  constructor(urls: Readonly<Record<ServiceName, string>>) {
    this.urls = urls;
  }

  /** Puts a product in the catalogue and delivers as much as is missing to `wanted` available units. */
  async stockUp({ sku, ...product }: Product, wanted: number, deliveryId: string): Promise<void> {
    const url = `${this.urls.inventory}/products/${sku}`;
    await ask('PUT', url, product);
    const quantity = wanted - (await this.stockOf(sku)).available;
    if (quantity > 0) await ask('POST', `${url}/deliveries`, { deliveryId, quantity });
  }

  async stockOf(sku: string): Promise<Stock> {
    return ask('GET', `${this.urls.inventory}/products/${sku}`);
  }

  /** Places an order. The price of a product that is new travels to orders first, so a SKU not known yet is tried again. */
  async place(order: NewOrder): Promise<Order> {
    const deadline = Date.now() + PRICE_TIMEOUT_MS;
    for (;;) {
      try {
        return await ask('POST', `${this.urls.orders}/orders`, order);
      } catch (error) {
        if (!(error instanceof Refused && error.status === 422) || Date.now() >= deadline) throw error;
      }
      await sleep(100);
    }
  }

  async cancel(orderId: string): Promise<void> {
    await ask('POST', `${this.urls.orders}/orders/${orderId}/cancel`);
  }

  /** The order once `condition` holds. @throws Error with what it was last when that takes longer than `timeoutMs` */
  async orderWhen(
    orderId: string,
    condition: (order: Order) => boolean,
    timeoutMs: number,
    everyMs = 50,
  ): Promise<Order> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const order = await ask<Order>('GET', `${this.urls.orders}/orders/${orderId}`);
      if (condition(order)) return order;
      if (Date.now() >= deadline) {
        throw new Error(`order ${orderId} got no further in ${timeoutMs / 1000} s: ${JSON.stringify(order)}`);
      }
      await sleep(everyMs);
    }
  }

  async chargesOf(orderId: string): Promise<Charge[]> {
    return (await ask<{ items: Charge[] }>('GET', `${this.urls.sandbox}/charges?orderId=${orderId}`)).items;
  }

  /** Templates of the mails that came to the customer, in order of arrival. */
  async mailsOf(orderId: string): Promise<string[]> {
    const { items } = await ask<{ items: { template: string }[] }>(
      'GET',
      `${this.urls.sandbox}/mails?orderId=${orderId}`,
    );
    return items.map(({ template }) => template);
  }
}
