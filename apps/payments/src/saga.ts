import type { ReactionsOf } from '@orderflow/contracts';
import { assertNever, type Effect } from '@orderflow/decider';
import type { Payment, PaymentCommand, PaymentEvent } from './domain/payment.js';

/** What payments does about what it hears. */
export const reactions = {
  OrderPlaced: ({ subject, data }) => ({
    type: 'NotePlaced',
    orderId: subject,
    bill: { amountMinor: data.totalMinor, currency: data.currency, token: data.paymentToken },
  }),
  StockReserved: ({ subject }) => ({ type: 'NoteReserved', orderId: subject }),
  OrderCancelled: ({ subject }) => ({ type: 'CancelPayment', orderId: subject }),
} satisfies ReactionsOf<'payments', PaymentCommand>;

/** What follows from what happened: said to the others, or asked of the provider. */
export function effects(event: PaymentEvent, { orderId, sequence }: Payment): readonly Effect[] {
  switch (event.type) {
    case 'PaymentCaptured':
    case 'PaymentDeclined':
    case 'PaymentVoided':
    case 'PaymentRefunded':
      return [{ publish: event, subject: orderId, sequence }];
    case 'ChargeRequested':
      return [{ call: { key: `charge-${orderId}`, kind: 'charge', subject: orderId, request: event.data } }];
    case 'RefundRequested':
      return [{ call: { key: `refund-${orderId}`, kind: 'refund', subject: orderId, request: event.data } }];
    case 'OrderNoted':
    case 'ReservationNoted':
    case 'CancellationNoted':
      return [];
    default:
      return assertNever(event);
  }
}
