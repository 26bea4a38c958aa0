import type { Event, EventType } from '@orderflow/contracts';
import { moneyOf } from './table.ts';

/** What happens to an order: all events but those of the price list. */
export type OrderEvent = Event<Exclude<EventType, 'ProductChanged'>>;

export const linesOf = (lines: readonly { sku: string; quantity: number }[]): string =>
  lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');

const cancelReasons: Record<string, string> = {
  out_of_stock: 'something is out of stock',
  payment_declined: 'the payment was declined',
  customer_request: 'the customer changed their mind',
  timed_out: 'its deadline passed',
};

/** What an event changes, for a person. */
export function wordsFor({ type, data }: OrderEvent): string {
  switch (type) {
    case 'OrderPlaced':
      return `${linesOf(data.lines)} for ${moneyOf(data.totalMinor, data.currency)}, to be paid with ${data.paymentToken}`;
    case 'OrderConfirmed':
      return 'the order is confirmed';
    case 'OrderCancelled':
      return `the order is cancelled: ${cancelReasons[data.reason] ?? data.reason}`;
    case 'StockReserved':
      return `${linesOf(data.lines)} set aside`;
    case 'StockRejected':
      return data.reason === 'out_of_stock'
        ? `nothing set aside: ${linesOf(data.short)} missing`
        : 'nothing set aside: the order is over';
    case 'StockCommitted':
      return `${linesOf(data.lines)} sold`;
    case 'StockReleased':
      return `${linesOf(data.lines)} back on the shelf`;
    case 'PaymentCaptured':
      return `${moneyOf(data.amountMinor, data.currency)} charged`;
    case 'PaymentDeclined':
      return `${moneyOf(data.amountMinor, data.currency)} not charged: ${data.code.replaceAll('_', ' ')}`;
    case 'PaymentRefunded':
      return `${moneyOf(data.amountMinor, data.currency)} paid back`;
    case 'PaymentVoided':
      return 'nothing was charged, and nothing will be';
    case 'NotificationSent':
      return `mail "${data.template}" sent`;
    case 'NotificationFailed':
      return `mail "${data.template}" given up: ${data.reason}`;
  }
}
