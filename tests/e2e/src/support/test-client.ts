import { randomUUID } from 'node:crypto';
import { eventually, type NewOrder, type Order, SystemClient } from '@orderflow/client';

/** A word that no other test uses. */
export const fresh = (what: string): string => `${what}-${randomUUID().slice(0, 13)}`;

/** The HTTP client, with the shortcuts of these tests. */
export class TestClient extends SystemClient {
  /** A new product with this many units. @returns its SKU once an order for it can be priced */
  async newProduct({ units, priceMinor = 1_500 }: { units: number; priceMinor?: number }): Promise<string> {
    const sku = fresh('sku');
    await this.stockUp({ sku, name: `The ${sku}`, priceMinor, currency: 'EUR' }, units);
    return sku;
  }

  /** An order of the only unit of a new product, once it is settled. */
  async settledOrder(paymentToken = 'tok_visa'): Promise<Order> {
    const sku = await this.newProduct({ units: 1 });
    return this.settled(await this.place({ lines: [{ sku, quantity: 1 }], paymentToken }));
  }

  /** Places so many equal orders at once. @returns their ids */
  async placeSeveral(count: number, order: NewOrder): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, async () => this.place(order)));
  }

  /**
   * Repeats the request with one key until the order is accepted. The outcome of a request to a service that is killed is
   * unknown; the key makes the repetition safe.
   */
  async placeUntilAccepted(order: NewOrder): Promise<string> {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { customerId: fresh('customer'), ...order };
    return eventually(async () => this.place(body, headers), 60_000);
  }

  /** Places an order and cancels it once the provider has charged it, while payments still waits for the answer. */
  async placeAndCancel(sku: string, quantity = 1): Promise<string> {
    // A machine that is slower than the provider leaves an order confirmed: another one is placed.
    return eventually(async () => {
      const orderId = await this.place({ lines: [{ sku, quantity }], paymentToken: 'tok_slow' });
      await this.chargeOf(orderId);
      await this.cancelInTime(orderId);
      return orderId;
    }, 120_000);
  }

  /** Cancels an order that is not decided yet. @throws Error where it is: the test was slower than the provider */
  async cancelInTime(orderId: string): Promise<void> {
    const { status, body } = await this.cancel(orderId);
    if (status !== 202) throw new Error(`the order cannot be cancelled any more: ${JSON.stringify(body)}`);
  }

  /** Settled orders of this SKU: cancelled after the charge, confirmed, declined, out of stock. */
  async oneOfEachOutcome(sku: string): Promise<string[]> {
    const lines = [{ sku, quantity: 1 }];
    const orders = [
      await this.placeAndCancel(sku),
      await this.place({ lines }),
      await this.place({ lines, paymentToken: 'tok_declined' }),
      await this.place({ lines: [{ sku, quantity: 9_000 }] }),
    ];
    for (const orderId of orders) await this.settled(orderId);
    return orders;
  }

  /** The order's mails as `template xcopies`, sorted. */
  async mailsOf(orderId: string): Promise<string[]> {
    return (await this.mails(orderId)).map(({ template, copies }) => `${template} x${copies}`).toSorted();
  }

  /** Everything that the services and the sandbox hold about these orders. */
  async everythingAbout(orders: readonly string[]): Promise<object[]> {
    const all = async (orderId: string) => ({
      order: await this.order(orderId),
      history: await this.history(orderId),
      payment: await this.payment(orderId),
      charges: await this.charges(orderId),
      notifications: await this.notifications(orderId),
      mails: await this.mails(orderId),
    });
    return Promise.all(orders.map(all));
  }
}
