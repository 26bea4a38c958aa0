import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../../ops/src/demo/http.ts';
import type { NewOrder, Order, Shop } from '../../ops/src/demo/shop.ts';
import { type Poster, products, scarce, SCARCE_UNITS } from './load-orders.ts';

/** Beyond the last POST; with `--mix` some orders wait for their deadline and for the provider's silence. */
export const SETTLE_TIMEOUT_MS = 300_000;
const POLL_MS = 100;

/** Delivers enough of each product for so many orders, and waits until orders can be placed over them. */
export async function stockUp(shop: Shop, customerId: string, orders: number): Promise<void> {
  for (const it of products) await shop.stockUp(it, orders, `${customerId}-${it.sku}`);
  await shop.stockUp(scarce, SCARCE_UNITS, `${customerId}-${scarce.sku}`);
  // Until their prices have come to orders: the first order is answered only then.
  const lines = [...products, scarce].map(({ sku }) => ({ sku, quantity: 1 }));
  const { orderId } = await shop.place({
    customerId: `${customerId}-first`,
    email: 'load@example.com',
    lines,
    paymentToken: 'tok_declined',
  });
  await shop.orderWhen(orderId, ({ settled }) => settled, SETTLE_TIMEOUT_MS);
}

/** Posts so many orders, `concurrency` at a time. @returns how long each took, ms */
export async function postAll(
  poster: Poster,
  orders: number,
  concurrency: number,
  next: () => NewOrder,
): Promise<number[]> {
  const latencies: number[] = [];
  let left = orders;
  const post = async () => {
    while (left-- > 0) {
      const since = performance.now();
      await poster.post(next());
      latencies.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, post));
  return latencies;
}

interface Page {
  items: Order[];
  next: string | null;
}

async function countOrders(ordersUrl: string, customerId: string): Promise<number> {
  let total = 0;
  for (let after = ''; ;) {
    const page = await ask<Page>('GET', `${ordersUrl}/orders?customerId=${customerId}&limit=100${after}`);
    total += page.items.length;
    if (page.next === null) return total;
    after = `&after=${page.next}`;
  }
}

/**
 * Returns once all orders of the customer are settled, and there are as many as were accepted; or more, since one whose
 * answer was lost may be there as well.
 * @throws Error when that takes longer than five minutes
 */
export async function untilSettled(ordersUrl: string, customerId: string, accepted: number): Promise<void> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const open = await ask<Page>('GET', `${ordersUrl}/orders?customerId=${customerId}&settled=false&limit=1`);
    // An order that the view has not heard of yet is in neither list.
    if (open.items.length === 0 && (await countOrders(ordersUrl, customerId)) >= accepted) return;
    if (Date.now() >= deadline) {
      throw new Error(`not all orders are settled after ${SETTLE_TIMEOUT_MS / 1000} s: ${JSON.stringify(open.items)}`);
    }
    await sleep(POLL_MS);
  }
}
