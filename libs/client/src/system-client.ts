import { randomUUID } from 'node:crypto';
import type { Service } from '@orderflow/contracts';
import type {
  Charge,
  Faults,
  Mail,
  NewOrder,
  NewProduct,
  Notification,
  Order,
  OutboxState,
  ParkedRecord,
  Payment,
  PlacedOrder,
  Product,
} from './answers.js';
import { eventually } from './eventually.js';
import { type Answer, demand, everyItem, type HttpRequest, type Page, request } from './http.js';
import type { ServiceName, ServiceUrls } from './services.js';

type Query = Readonly<Record<string, string>>;

// Long enough for a machine that is ten times slower.
const SETTLE_MS = 60_000;
// Two currencies: an order in the one that its product is not sold in is rejected, and nothing is stored.
const [OTHER_CURRENCY, STILL_ANOTHER] = ['CHW', 'CHE'];

/** HTTP client of all services and of the sandbox. Each call throws an Error that names the URL: HttpError for a status other than 2xx. */
export class SystemClient {
  /** @param token of an operator or admin, where the system has a login */
  constructor(
    readonly urls: ServiceUrls,
    readonly token?: string,
  ) {}

  /** Places an order. @returns the response, whatever its status */
  async tryToPlace(order: NewOrder, headers: Query = {}): Promise<Answer<PlacedOrder>> {
    return this.request(`${this.urls.orders}/orders`, { json: completeOrder(order), headers });
  }

  /** Places an order; without a customer it is a new one, without a token `tok_visa` pays. @returns the order's id */
  async place(order: NewOrder, headers: Query = {}): Promise<string> {
    const json = completeOrder(order);
    return (await this.demand<PlacedOrder>(`${this.urls.orders}/orders`, { json, headers })).orderId;
  }

  /** Cancels an order. @returns the response, whatever its status */
  async cancel(orderId: string): Promise<Answer> {
    return this.request(`${this.urls.orders}/orders/${orderId}/cancel`, { method: 'POST' });
  }

  async order(orderId: string, query: Query = {}): Promise<Order> {
    return this.demand(withQuery(`${this.urls.orders}/orders/${orderId}`, query));
  }

  /** The audit trail of an order. */
  async history(orderId: string): Promise<{ type: string; version: number }[]> {
    const url = `${this.urls.orders}/orders/${orderId}/events`;
    return (await this.demand<{ items: { type: string; version: number }[] }>(url)).items;
  }

  /** One page of orders, the newest first. */
  async ordersPage(query: Query): Promise<Page<Order>> {
    return this.demand(withQuery(`${this.urls.orders}/orders`, query));
  }

  /** All orders that match. */
  async orders(query: Query): Promise<Order[]> {
    return this.everyItem(withQuery(`${this.urls.orders}/orders`, query));
  }

  /** The order once `holds`. @throws Error with its last state after `withinMs` */
  async orderWhen(
    orderId: string,
    holds: (order: Order) => boolean,
    withinMs = SETTLE_MS,
    everyMs?: number,
  ): Promise<Order> {
    const check = async () => {
      const order = await this.order(orderId);
      if (holds(order)) return order;
      throw new Error(`order ${orderId} is not as expected after ${withinMs / 1000} s: ${JSON.stringify(order)}`);
    };
    return eventually(check, withinMs, everyMs);
  }

  async settled(orderId: string, withinMs = SETTLE_MS): Promise<Order> {
    return this.orderWhen(orderId, ({ settled }) => settled, withinMs);
  }

  /**
   * All orders of a customer once they are settled and at least `count`. There may be more than were accepted: an order whose
   * response was lost is there as well.
   */
  async allSettled(customerId: string, count: number, withinMs = 2 * SETTLE_MS, everyMs?: number): Promise<Order[]> {
    return eventually(
      async () => {
        const { items } = await this.ordersPage({ customerId, settled: 'false', limit: '3' });
        if (items.length > 0) throw new Error(`orders are still open: ${JSON.stringify(items)}`);
        // An order that the view has not consumed yet is in neither list.
        const orders = await this.orders({ customerId });
        if (orders.length < count) throw new Error(`${orders.length} of ${count} orders`);
        // One that the view consumed between the two requests.
        if (orders.some(({ settled }) => !settled)) throw new Error('an order is still open');
        return orders;
      },
      withinMs,
      everyMs,
    );
  }

  async product(sku: string): Promise<Product> {
    return this.demand(`${this.urls.inventory}/products/${encodeURIComponent(sku)}`);
  }

  async putProduct({ sku, ...json }: NewProduct): Promise<void> {
    await this.demand(`${this.urls.inventory}/products/${encodeURIComponent(sku)}`, { method: 'PUT', json });
  }

  async deliver(sku: string, quantity: number): Promise<void> {
    const json = { deliveryId: randomUUID(), quantity };
    await this.demand(`${this.urls.inventory}/products/${encodeURIComponent(sku)}/deliveries`, { json });
  }

  /** Puts a product on sale with at least `wanted` available units. @returns once orders knows its price */
  async stockUp(product: NewProduct, wanted: number): Promise<void> {
    const { sku } = product;
    await this.putProduct(product);
    const missing = wanted - (await this.product(sku)).available;
    if (missing > 0) await this.deliver(sku, missing);
    await eventually(async () => {
      const currency = product.currency === OTHER_CURRENCY ? STILL_ANOTHER : OTHER_CURRENCY;
      const { body } = await this.tryToPlace({ lines: [{ sku, quantity: 1 }], currency });
      const { type } = body as { type?: string };
      if (type !== 'urn:orderflow:problem:currency-mismatch') throw new Error(`no price yet: ${JSON.stringify(body)}`);
    }, SETTLE_MS);
  }

  async payment(orderId: string): Promise<Payment> {
    return this.demand(`${this.urls.payments}/payments/${orderId}`);
  }

  async notifications(orderId: string): Promise<Notification[]> {
    return this.everyItem(`${this.urls.notifications}/notifications?orderId=${orderId}`);
  }

  /** The order's entries in the payment provider's ledger. */
  async charges(orderId: string): Promise<Charge[]> {
    return this.everyItem(`${this.urls.sandbox}/charges?orderId=${orderId}`);
  }

  /** The order's first entry in the ledger, once there is one. */
  async chargeOf(orderId: string): Promise<Charge> {
    return eventually(async () => {
      const [charge] = await this.charges(orderId);
      if (charge === undefined) throw new Error(`order ${orderId} is not charged yet`);
      return charge;
    });
  }

  /** The order's mails in the mailbox, in order of arrival. */
  async mails(orderId: string): Promise<Mail[]> {
    return this.everyItem(`${this.urls.sandbox}/mails?orderId=${orderId}`);
  }

  async faults(): Promise<Faults> {
    return this.demand(`${this.urls.sandbox}/faults`);
  }

  /** Makes payment provider and mail server fail, or lets them recover: `{ payments: {}, mail: {} }`. */
  async setFaults(faults: Faults): Promise<void> {
    await this.demand(`${this.urls.sandbox}/faults`, { method: 'PUT', json: faults });
  }

  /** Everything that a service has parked and that matches, in order. */
  async deadLetters(service: Service, query: Query = {}): Promise<ParkedRecord[]> {
    return this.everyItem(withQuery(`${this.urls[service]}/dead-letters`, query));
  }

  /** Discards one of {@link deadLetters}. */
  async discard(service: Service, id: string, reason: string, operator: string): Promise<void> {
    const what = { json: { reason }, headers: { 'x-operator': operator } };
    await this.demand(`${this.urls[service]}/dead-letters/${id}/discard`, what);
  }

  /** Discards the record that each of these services waits for in the order's queue; the events behind it are then handled. */
  async discardHeads(services: readonly Service[], orderId: string, reason: string, operator: string): Promise<void> {
    for (const service of services) {
      for (const { id, state } of await this.deadLetters(service, { orderId })) {
        if (state !== 'waiting') await this.discard(service, id, reason, operator);
      }
    }
  }

  async outbox(service: Service): Promise<OutboxState> {
    return this.demand(`${this.urls[service]}/outbox`);
  }

  /** Whether `/health/live` or `/health/ready` answers 200. */
  async health(service: ServiceName, check: 'live' | 'ready'): Promise<boolean> {
    return (await this.request(`${this.urls[service]}/health/${check}`)).status === 200;
  }

  /** OpenMetrics text. */
  async metrics(service: ServiceName): Promise<Answer<string>> {
    return this.request<string>(`${this.urls[service]}/metrics`);
  }

  private async request<Body>(url: string, what: HttpRequest = {}): Promise<Answer<Body>> {
    return request(url, { token: this.token, ...what });
  }

  private async demand<Body>(url: string, what: HttpRequest = {}): Promise<Body> {
    return demand(url, { token: this.token, ...what });
  }

  private async everyItem<Item>(url: string): Promise<Item[]> {
    return everyItem(url, Infinity, { token: this.token });
  }
}

/** An order with everything that `POST /orders` demands: a new customer and `tok_visa` where nothing else is given. */
export function completeOrder({
  customerId = `customer-${randomUUID().slice(0, 13)}`,
  email = `${customerId}@example.com`,
  paymentToken = 'tok_visa',
  ...order
}: NewOrder): NewOrder {
  return { customerId, email, paymentToken, ...order };
}

const withQuery = (url: string, query: Query): string => {
  const params = new URLSearchParams(query).toString();
  return params === '' ? url : `${url}?${params}`;
};
