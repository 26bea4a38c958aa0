import { randomUUID } from 'node:crypto';
import { database } from './database.js';
import type { NewOrder, Order, Outcome } from './order.js';

interface Price {
  sku: string;
  price_minor: number;
}

/** @returns nothing when a SKU has no price */
export async function priced(given: NewOrder): Promise<Order | undefined> {
  const skus = given.lines.map(({ sku }) => sku);
  const prices = await database.runTransaction(
    async () => database.client<Price>('prices').select('sku', 'price_minor').whereIn('sku', skus),
    { name: 'readPrices', readOnly: true },
  );
  const priceOf = new Map(prices.map(({ sku, price_minor }) => [sku, price_minor]));
  if (skus.some((sku) => !priceOf.has(sku))) return undefined;
  const lines = given.lines.map(({ sku, quantity }) => ({ sku, quantity, unitPriceMinor: priceOf.get(sku)! }));
  const totalMinor = lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);
  return { ...given, orderId: randomUUID(), totalMinor, lines };
}

export async function createOrder(order: Order): Promise<void> {
  const { orderId, customerId, email, currency, paymentToken, totalMinor, lines } = order;
  const row = {
    id: orderId,
    customer_id: customerId,
    email,
    currency,
    payment_token: paymentToken,
    total_minor: totalMinor,
  };
  const rows = lines.map(({ sku, quantity, unitPriceMinor }) => {
    return { order_id: orderId, sku, quantity, unit_price_minor: unitPriceMinor };
  });
  await database.runTransaction(
    async () => {
      await database.client('orders').insert(row);
      await database.client('order_lines').insert(rows);
    },
    { name: 'createOrder' },
  );
}

/** A part of a transaction. */
export async function decideOrder(orderId: string, status: Outcome): Promise<void> {
  const { client } = database;
  await client('orders').where({ id: orderId }).update({ status, decided_at: client.fn.now() });
}

export async function settleOrder(orderId: string): Promise<void> {
  await database.runTransaction(
    async () => {
      const { client } = database;
      await client('orders').where({ id: orderId }).update({ settled_at: client.fn.now() });
    },
    { name: 'settleOrder' },
  );
}
