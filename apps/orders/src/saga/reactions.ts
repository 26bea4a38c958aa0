import type { ReactionsOf } from '@orderflow/contracts';
import type { CancelOrder, OrderCommand } from '../domain/order.js';

/** What orders does when it hears an event. */
export const reactions = {
  PaymentCaptured: ({ subject }) => ({ type: 'ConfirmOrder', orderId: subject }),
  StockRejected: ({ subject }) => ({ type: 'CancelOrder', orderId: subject, reason: 'out_of_stock' }),
  PaymentDeclined: ({ subject }) => ({ type: 'CancelOrder', orderId: subject, reason: 'payment_declined' }),
  ProductChanged: ({ subject, sequence, data: { priceMinor, currency } }) => ({
    type: 'ListPrice',
    sku: subject,
    price: { priceMinor, currency, sequence },
  }),
} satisfies ReactionsOf<'orders', OrderCommand>;

export const onDeadline = (orderId: string): CancelOrder => ({ type: 'CancelOrder', orderId, reason: 'timed_out' });
