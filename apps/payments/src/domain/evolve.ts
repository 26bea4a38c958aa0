import { assertNever } from '@orderflow/decider';
import type { Money, Payment, PaymentEvent, PaymentIn } from './payment.js';

export function evolve(payment: Payment, event: PaymentEvent): Payment {
  const { orderId, sequence } = payment;
  const heard = { orderId, sequence };
  const said = { orderId, sequence: sequence + 1 };
  switch (event.type) {
    case 'OrderNoted':
      return { ...mustBe(payment, 'awaiting'), bill: event.data };
    case 'ReservationNoted':
      return { ...mustBe(payment, 'awaiting'), reserved: true };
    case 'ChargeRequested':
      return { ...heard, status: 'charging', money: moneyOf(event.data) };
    case 'CancellationNoted':
      return { ...mustBe(payment, 'charging'), status: 'cancelling' };
    case 'PaymentCaptured':
      return { ...said, status: 'captured', money: moneyOf(event.data), chargeId: event.data.chargeId };
    case 'PaymentDeclined':
      return { ...said, status: 'declined', money: moneyOf(event.data), code: event.data.code };
    case 'PaymentVoided': {
      const { bill } = mustBe(payment, 'awaiting');
      return { ...said, status: 'voided', money: bill && moneyOf(bill) };
    }
    case 'RefundRequested':
      return { ...mustBe(payment, 'captured'), status: 'refunding' };
    case 'PaymentRefunded':
      return { ...mustBe(payment, 'refunding'), ...said, status: 'refunded', refundId: event.data.refundId };
    default:
      return assertNever(event);
  }
}

const moneyOf = ({ amountMinor, currency }: Money): Money => ({ amountMinor, currency });

/** `decide` lets each event happen only where it can: anything else is a bug, not a broken rule. */
function mustBe<Status extends Payment['status']>(payment: Payment, status: Status): PaymentIn<Status> {
  if (payment.status !== status) throw new Error(`expected a payment that is ${status}, not ${payment.status}`);
  return payment as PaymentIn<Status>;
}
