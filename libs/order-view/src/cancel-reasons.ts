import type { CancelReason } from './order-view.js';

/** Why an order was cancelled, in words that follow `because` or a colon. */
export const cancelReasons: Readonly<Record<CancelReason, string>> = {
  out_of_stock: 'stock was missing',
  payment_declined: 'the payment was declined',
  customer_request: 'the customer asked for it',
  timed_out: 'its deadline passed',
  unknown: 'it has a reason that this version does not know',
};
