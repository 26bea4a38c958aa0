import type { Published } from '@orderflow/contracts';

export interface Money {
  /** Minor units. */
  readonly amountMinor: number;
  /** ISO 4217 */
  readonly currency: string;
}

/** What an order asks to be charged. The token is forgotten once the charge is asked for. */
export interface Bill extends Money {
  readonly token: string;
}

/** The payment of one order. */
export type Payment = {
  readonly orderId: string;
  /** How many events about this order were published. */
  readonly sequence: number;
} & (
  | {
      /** A charge needs both the order and its stock, which come in any order. */
      readonly status: 'awaiting';
      readonly bill: Bill | undefined;
      readonly reserved: boolean;
    }
  | { readonly status: 'charging'; readonly money: Money }
  | {
      /** The order was cancelled while the provider's answer is still out. */
      readonly status: 'cancelling';
      readonly money: Money;
    }
  | { readonly status: 'captured'; readonly money: Money; readonly chargeId: string }
  | { readonly status: 'declined'; readonly money: Money; readonly code: string }
  | { readonly status: 'refunding'; readonly money: Money; readonly chargeId: string }
  | { readonly status: 'refunded'; readonly money: Money; readonly chargeId: string; readonly refundId: string }
  | {
      readonly status: 'voided';
      /** Not known where the cancellation came before the order. */
      readonly money: Money | undefined;
    }
);

/** A payment that is in this status. */
export type PaymentIn<Status extends Payment['status']> = Extract<Payment, { readonly status: Status }>;

export type PaymentCommand = { readonly orderId: string } & (
  | { readonly type: 'NotePlaced'; readonly bill: Bill }
  | { readonly type: 'NoteReserved' }
  | { readonly type: 'CancelPayment' }
  | { readonly type: 'RecordCapture'; readonly chargeId: string }
  | { readonly type: 'RecordDecline'; readonly code: string }
  | { readonly type: 'RecordRefund'; readonly refundId: string }
);

/** What is to go back, of which charge. */
export interface Refund extends Money {
  readonly chargeId: string;
}

/** What payments says, and what it only remembers. */
export type PaymentEvent =
  | Published<'payments'>
  | { readonly type: 'OrderNoted'; readonly data: Bill }
  | { readonly type: 'ReservationNoted' }
  | { readonly type: 'ChargeRequested'; readonly data: Bill }
  | { readonly type: 'CancellationNoted' }
  | { readonly type: 'RefundRequested'; readonly data: Refund };

/** An order that nothing is known of yet. */
export const newPayment = (orderId: string): Payment => ({
  status: 'awaiting',
  orderId,
  sequence: 0,
  bill: undefined,
  reserved: false,
});
