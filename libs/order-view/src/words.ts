import { amountText, type Event, type EventBody } from '@orderflow/contracts';
import { cancelReasons } from './cancel-reasons.js';
import type { ViewedType } from './order-view.js';

/** Every event of an order: all types but that of the price list. */
export type OrderEvent = Event<ViewedType>;

const linesOf = (lines: readonly { sku: string; quantity: number }[]): string =>
  lines.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');

/** An event in a few words. */
export function wordsFor({ type, data }: EventBody<ViewedType>): string {
  switch (type) {
    case 'OrderPlaced':
      return `${linesOf(data.lines)} for ${amountText(data.totalMinor, data.currency)}`;
    case 'OrderConfirmed':
      return 'the order is confirmed';
    case 'OrderCancelled':
      return `the order is cancelled: ${cancelReasons[data.reason]}`;
    case 'StockReserved':
      return `${linesOf(data.lines)} reserved`;
    case 'StockRejected':
      return data.reason === 'out_of_stock'
        ? `nothing reserved: ${linesOf(data.short)} missing`
        : 'nothing reserved: the order is cancelled';
    case 'StockCommitted':
      return `${linesOf(data.lines)} sold`;
    case 'StockReleased':
      return `${linesOf(data.lines)} released`;
    case 'PaymentCaptured':
      return `${amountText(data.amountMinor, data.currency)} charged`;
    case 'PaymentDeclined':
      return `${amountText(data.amountMinor, data.currency)} not charged: ${data.code.replaceAll('_', ' ')}`;
    case 'PaymentRefunded':
      return `${amountText(data.amountMinor, data.currency)} refunded${data.elsewhere ? ' elsewhere' : ''}`;
    case 'PaymentVoided':
      return 'no charge, now or later';
    case 'NotificationSent':
      return `mail "${data.template}" sent`;
    case 'NotificationFailed':
      return `mail "${data.template}" given up: ${data.reason}`;
  }
}
