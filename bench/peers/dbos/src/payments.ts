import { config } from './config.js';
import { database } from './database.js';
import type { Order } from './order.js';

export interface Charge {
  chargeId: string | null;
  status: 'captured' | 'declined';
}

/** A step is run again when the process ends before its result is recorded: the order is the idempotency key. */
export async function charge({ orderId, totalMinor, currency, paymentToken }: Order): Promise<Charge> {
  // The provider charges nothing below 1.
  if (totalMinor === 0) return { chargeId: null, status: 'captured' };
  const response = await fetch(`${config.paymentProviderUrl}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': orderId },
    body: JSON.stringify({ orderId, amountMinor: totalMinor, currency, token: paymentToken }),
  });
  if (!response.ok) throw new Error(`the payment provider answers ${response.status}`);
  const { chargeId, status } = (await response.json()) as Charge;
  return { chargeId, status };
}

/** A part of a transaction. */
export async function recordPayment({ orderId, totalMinor }: Order, chargeId: string | null): Promise<void> {
  await database.client('payments').insert({ order_id: orderId, amount_minor: totalMinor, charge_id: chargeId });
}
