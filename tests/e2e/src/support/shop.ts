import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.js';
import { type Answer, call, demand, every } from './http.js';
import type { Charge, Mail, Notification, Order, Payment, Placed, Product } from './shop-answers.js';

export interface Wish {
  readonly sku: string;
  readonly quantity: number;
}

export interface OrderRequest {
  readonly lines: readonly Wish[];
  readonly token?: string;
  readonly customerId?: string;
}

export type Urls = Readonly<Record<'orders' | 'inventory' | 'payments' | 'notifications' | 'sandbox', string>>;

/** A word that nobody else uses. */
export const fresh = (what: string): string => `${what}-${randomUUID().slice(0, 13)}`;

export const orderBody = ({ lines, token = 'tok_visa', customerId = fresh('customer') }: OrderRequest) => ({
  customerId,
  email: `${customerId}@example.com`,
  lines,
  paymentToken: token,
});

/** What customers and shopkeepers do, over HTTP. */
export class Shop {
  constructor(readonly urls: Urls) {}

  /** A system that is up elsewhere, with its services at the ports after that of orders. */
  static at(ordersUrl: string): Shop {
    const { protocol, hostname, port } = new URL(ordersUrl);
    const url = (index: number) => `${protocol}//${hostname}:${Number(port) + index}`;
    return new Shop({ orders: url(0), inventory: url(1), payments: url(2), notifications: url(3), sandbox: url(4) });
  }

  /** A new product with its first delivery; returns its SKU once an order for it can be priced. */
  async sells({ units, priceMinor = 1_500 }: { units: number; priceMinor?: number }): Promise<string> {
    const sku = fresh('sku');
    await this.register(sku, priceMinor);
    if (units > 0) await this.deliver(sku, units);
    await eventually(async () => this.demandPriceOf(sku));
    return sku;
  }

  async register(sku: string, priceMinor: number): Promise<void> {
    const product = { name: `The ${sku}`, priceMinor, currency: 'EUR' };
    await demand(`${this.urls.inventory}/products/${sku}`, { method: 'PUT', json: product });
  }

  async deliver(sku: string, quantity: number, deliveryId: string = randomUUID()): Promise<void> {
    await demand(`${this.urls.inventory}/products/${sku}/deliveries`, { json: { deliveryId, quantity } });
  }

  async tryToPlace(request: OrderRequest, headers: Record<string, string> = {}): Promise<Answer<Placed>> {
    return call<Placed>(`${this.urls.orders}/orders`, { json: orderBody(request), headers });
  }

  /** The id of an order that was accepted. */
  async place(request: OrderRequest, headers: Record<string, string> = {}): Promise<string> {
    const answer = await this.tryToPlace(request, headers);
    if (answer.status === 202) return answer.body.orderId;
    throw new Error(`POST /orders answers ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /**
   * As a customer who does not give up: asks again with the same key until the order is accepted.
   * What a killed service answers, or does not answer, is unknown; the key makes it safe to ask again.
   */
  async insist(request: OrderRequest): Promise<string> {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { customerId: fresh('customer'), ...request };
    return eventually(async () => this.place(body, headers), 60_000);
  }

  async order(orderId: string): Promise<Order> {
    return demand<Order>(`${this.urls.orders}/orders/${orderId}`);
  }

  async settled(orderId: string, withinMs = 30_000): Promise<Order> {
    return eventually(async () => {
      const order = await this.order(orderId);
      if (!order.settled) throw new Error(`not settled: ${JSON.stringify(order)}`);
      return order;
    }, withinMs);
  }

  /** All orders of a customer, once there are `count` and each of them is settled. */
  async allSettled(customerId: string, count: number, withinMs = 60_000): Promise<Order[]> {
    return eventually(async () => {
      const orders = await every<Order>(`${this.urls.orders}/orders?customerId=${customerId}`);
      const open = orders.filter(({ settled }) => !settled);
      if (orders.length === count && open.length === 0) return orders;
      throw new Error(`${orders.length} of ${count} orders, ${open.length} open: ${JSON.stringify(open.slice(0, 3))}`);
    }, withinMs);
  }

  async cancel(orderId: string): Promise<Answer> {
    return call(`${this.urls.orders}/orders/${orderId}/cancel`, { method: 'POST' });
  }

  async product(sku: string): Promise<Product> {
    return demand<Product>(`${this.urls.inventory}/products/${sku}`);
  }

  async payment(orderId: string): Promise<Payment> {
    return demand<Payment>(`${this.urls.payments}/payments/${orderId}`);
  }

  async notifications(orderId: string): Promise<Notification[]> {
    return every<Notification>(`${this.urls.notifications}/notifications?orderId=${orderId}`);
  }

  /** What stands in the provider's books. */
  async charges(orderId: string): Promise<Charge[]> {
    return every<Charge>(`${this.urls.sandbox}/charges?orderId=${orderId}`);
  }

  /** What stands there of an order, once something does. */
  async chargeOf(orderId: string): Promise<Charge> {
    return eventually(async () => {
      const [charge] = await this.charges(orderId);
      if (charge === undefined) throw new Error(`order ${orderId} is not charged yet`);
      return charge;
    });
  }

  /** What came to the mailbox. */
  async mails(orderId: string): Promise<Mail[]> {
    return every<Mail>(`${this.urls.sandbox}/mails?orderId=${orderId}`);
  }

  /** Orders of this SKU that are settled: cancelled after the charge, confirmed, declined, out of stock. */
  async oneOfEachEnding(sku: string): Promise<string[]> {
    const lines = [{ sku, quantity: 1 }];
    const cancelled = await this.place({ lines, token: 'tok_slow' });
    await this.chargeOf(cancelled);
    await this.cancel(cancelled);
    const orders = [
      cancelled,
      await this.place({ lines }),
      await this.place({ lines, token: 'tok_declined' }),
      await this.place({ lines: [{ sku, quantity: 9_000 }] }),
    ];
    for (const orderId of orders) await this.settled(orderId);
    return orders;
  }

  /** Everything that anybody knows of these orders. */
  async allOf(orders: readonly string[]): Promise<object[]> {
    const all = async (orderId: string) => ({
      order: await this.order(orderId),
      history: await demand(`${this.urls.orders}/orders/${orderId}/events`),
      payment: await this.payment(orderId),
      charges: await this.charges(orderId),
      notifications: await this.notifications(orderId),
      mails: await this.mails(orderId),
    });
    return Promise.all(orders.map(all));
  }

  /** Makes the outside world fail, or heals it: a section that is named is replaced as a whole. */
  async faults(faults: { payments?: object; mail?: object }): Promise<void> {
    await demand(`${this.urls.sandbox}/faults`, { method: 'PUT', json: faults });
  }

  // An order in a currency in which nothing is sold is refused, and how says whether the SKU is on the price list: nothing is stored.
  private async demandPriceOf(sku: string): Promise<void> {
    const json = { ...orderBody({ lines: [{ sku, quantity: 1 }] }), currency: 'XTS' };
    const { body } = await call(`${this.urls.orders}/orders`, { json });
    if (body['type'] !== 'urn:orderflow:problem:currency-mismatch')
      throw new Error(`no price: ${JSON.stringify(body)}`);
  }
}
