import type { ReactionsOf } from '@orderflow/contracts';
import { assertNever, type Effect, type Settlements } from '@orderflow/decider';
import type { Payment, PaymentCommand, PaymentEvent } from './domain/payment.js';

/** The events that payments consumes, each as a command; a missing or additional one does not compile. `subject` is the order id. */
export const reactions = {
  OrderPlaced: ({ subject, data }) => ({
    type: 'NotePlaced',
    orderId: subject,
    bill: { amountMinor: data.totalMinor, currency: data.currency, token: data.paymentToken },
  }),
  StockReserved: ({ subject }) => ({ type: 'NoteReserved', orderId: subject }),
  OrderCancelled: ({ id, subject }) => ({ type: 'CancelPayment', orderId: subject, cancelledBy: id }),
} satisfies ReactionsOf<'payments', PaymentCommand>;

/**
 * What an operator may make of a call that the provider refused too often. `void`: the provider keeps nothing of the order and
 * never will. `refunded-elsewhere`: the money went back by other means, such as by hand in the provider's console.
 */
export const settlements = {
  charge: { void: ({ subject }) => ({ type: 'VoidPayment', orderId: subject }) },
  refund: {
    void: ({ subject }) => ({ type: 'VoidPayment', orderId: subject }),
    'refunded-elsewhere': ({ subject }, { reference = '' }) => ({
      type: 'RecordRefund',
      orderId: subject,
      refund: { refundId: reference, isElsewhere: true },
    }),
  },
} satisfies Settlements<PaymentCommand>;

/**
 * Effects of an event: publish it, or call the provider, whose answer is the next command (RecordCapture, ...). libs/durable
 * commits them with the event and carries them out afterwards.
 */
export function effects(event: PaymentEvent, { orderId, sequence }: Payment): readonly Effect[] {
  switch (event.type) {
    case 'PaymentCaptured':
    case 'PaymentDeclined':
    case 'PaymentVoided':
    case 'PaymentRefunded':
      return [{ publish: event, subject: orderId, sequence }];
    case 'ChargeRequested':
      return [{ call: { key: `charge-${orderId}`, kind: 'charge', subject: orderId, request: event.data } }];
    case 'RefundRequested': {
      const call = { key: `refund-${orderId}`, kind: 'refund', subject: orderId, request: event.data };
      // Caused by the cancellation, also where the capture came later.
      return [{ call, causationId: event.cancelledBy }];
    }
    case 'OrderNoted':
    case 'ReservationNoted':
    case 'CancellationNoted':
      return [];
    default:
      return assertNever(event);
  }
}
