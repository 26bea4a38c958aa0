import type { Published } from '@orderflow/contracts';

/** Minor units of an ISO 4217 currency. */
export type Money = { readonly amountMinor: number; readonly currency: string };

/** Takes the place of the provider's id where an order costs nothing: the provider never hears of it. */
export const FREE = 'free';

/** The amount of an order and the token to charge, which is encrypted here. The token is cleared once the charge is requested. */
export type Bill = Money & { readonly token: string };
export type Refund = Money & { readonly chargeId: string };

/** `isElsewhere`: not by our request, but for instance by hand in the provider's console; then `refundId` may be empty. */
export type RefundMade = { readonly refundId: string; readonly isElsewhere: boolean };

/** The payment of one order. `awaiting`: order or reservation is missing; they arrive in any order. */
export type Payment = {
  readonly orderId: string;
  /** Number of events published about this order. */
  readonly sequence: number;
} & (
  | { readonly status: 'awaiting'; readonly bill: Bill | undefined; readonly reserved: boolean }
  | { readonly status: 'charging'; readonly money: Money }
  /** The order was cancelled while the provider's answer is outstanding. `cancelledBy` becomes the cause of a refund. */
  | { readonly status: 'cancelling'; readonly money: Money; readonly cancelledBy: string }
  | { readonly status: 'captured'; readonly money: Money; readonly chargeId: string }
  | { readonly status: 'declined'; readonly money: Money; readonly code: string }
  | { readonly status: 'refunding'; readonly money: Money; readonly chargeId: string }
  | { readonly status: 'refunded'; readonly money: Money; readonly chargeId: string; readonly refund: RefundMade }
  /** Never charged, or by an operator's decision. `money` is unknown where the cancellation arrived before the order. */
  | { readonly status: 'voided'; readonly money: Money | undefined }
);

export type PaymentCommand = { readonly orderId: string } & (
  | { readonly type: 'NotePlaced'; readonly bill: Bill }
  | { readonly type: 'NoteReserved' }
  /** `cancelledBy`: id of the `OrderCancelled` event. */
  | { readonly type: 'CancelPayment'; readonly cancelledBy: string }
  | { readonly type: 'RecordCapture'; readonly chargeId: string }
  | { readonly type: 'RecordDecline'; readonly code: string }
  | { readonly type: 'RecordRefund'; readonly refund: RefundMade }
  /** An operator made sure that the provider keeps nothing of this order, and never will. */
  | { readonly type: 'VoidPayment' }
);

/** Events that are published (PaymentCaptured, PaymentDeclined, PaymentVoided, PaymentRefunded) and internal ones. */
export type PaymentEvent =
  | Published<'payments'>
  | { readonly type: 'OrderNoted'; readonly data: Bill }
  | { readonly type: 'ReservationNoted' }
  | { readonly type: 'ChargeRequested'; readonly data: Bill }
  | { readonly type: 'CancellationNoted'; readonly cancelledBy: string }
  | { readonly type: 'RefundRequested'; readonly data: Refund; readonly cancelledBy: string };

/** The state before the first event of an order. */
export const newPayment = (orderId: string): Payment => ({
  status: 'awaiting',
  orderId,
  sequence: 0,
  bill: undefined,
  reserved: false,
});
