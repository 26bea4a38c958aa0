import { assertNever } from '@orderflow/decider';
import type { Money, Payment, PaymentEvent } from './payment.js';

/** @returns the payment after an event that `decide` returned */
export function evolve(payment: Payment, event: PaymentEvent): Payment {
  const { orderId, sequence } = payment;
  const same = { orderId, sequence };
  const published = { orderId, sequence: sequence + 1 };
  switch (event.type) {
    case 'OrderNoted':
      return { ...mustBe(payment, 'awaiting'), bill: event.data };
    case 'ReservationNoted':
      return { ...mustBe(payment, 'awaiting'), reserved: true };
    case 'ChargeRequested':
      return { ...same, status: 'charging', money: moneyOf(event.data) };
    case 'CancellationNoted':
      return { ...mustBe(payment, 'charging'), status: 'cancelling', cancelledBy: event.cancelledBy };
    case 'PaymentCaptured':
      return { ...published, status: 'captured', money: moneyOf(event.data), chargeId: event.data.chargeId };
    case 'PaymentDeclined':
      return { ...published, status: 'declined', money: moneyOf(event.data), code: event.data.code };
    case 'PaymentVoided': {
      // `charging`: a restored payment, whose cancellation was consumed after the backup.
      const { money } =
        payment.status === 'awaiting'
          ? { money: payment.bill }
          : mustBe(payment, 'charging', 'cancelling', 'captured', 'refunding');
      return { ...published, status: 'voided', money: money && moneyOf(money) };
    }
    case 'RefundRequested':
      return { ...mustBe(payment, 'captured'), status: 'refunding' };
    case 'PaymentRefunded': {
      const refund = { refundId: event.data.refundId, isElsewhere: event.data.elsewhere ?? false };
      return { ...mustBe(payment, 'refunding'), ...published, status: 'refunded', refund };
    }
    default:
      return assertNever(event);
  }
}

type In<Status extends Payment['status']> = Extract<Payment, { readonly status: Status }>;

const moneyOf = ({ amountMinor, currency }: Money): Money => ({ amountMinor, currency });

/** `decide` returns each event only in the states that allow it: anything else is a bug, not a broken rule. */
function mustBe<Status extends Payment['status']>(payment: Payment, ...statuses: Status[]): In<Status> {
  if (!statuses.some((status) => status === payment.status))
    throw new Error(`expected a payment that is ${statuses.join(' or ')}, not ${payment.status}`);
  return payment as In<Status>;
}
