import { assertNever } from '@orderflow/decider';
import type { Effect } from '@orderflow/durable';
import type { Payment, PaymentEvent } from '../domain/payment.js';

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
