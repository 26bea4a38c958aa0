import { assertNever, BrokenRule } from '@orderflow/decider';
import { type Bill, FREE, type Payment, type PaymentCommand, type PaymentEvent } from './payment.js';

type Command<Type extends PaymentCommand['type']> = Extract<PaymentCommand, { type: Type }>;

/** @returns events for `evolve` to apply; `[]` for a duplicate. @throws BrokenRule: the consumed event is parked */
export function decide(command: PaymentCommand, payment: Payment): readonly PaymentEvent[] {
  switch (command.type) {
    case 'NotePlaced':
      return notePlaced(command, payment);
    case 'NoteReserved':
      return noteReserved(payment);
    case 'CancelPayment':
      return cancel(command, payment);
    case 'RecordCapture':
      return recordCapture(command, payment);
    case 'RecordDecline':
      return recordDecline(command, payment);
    case 'RecordRefund':
      return recordRefund(command, payment);
    case 'VoidPayment':
      return voidPayment(payment);
    default:
      return assertNever(command);
  }
}

function notePlaced({ bill }: Command<'NotePlaced'>, payment: Payment): PaymentEvent[] {
  const known = payment.status === 'awaiting' ? payment.bill : payment.money;
  if (known && (known.amountMinor !== bill.amountMinor || known.currency !== bill.currency))
    throw new BrokenRule('the order was placed before with another amount', 'one-bill');
  // guard: payments: a cancelled order is never charged, whatever comes later
  if (known || payment.status !== 'awaiting') return [];
  return [payment.reserved ? charge(bill) : { type: 'OrderNoted', data: bill }];
}

function noteReserved(payment: Payment): PaymentEvent[] {
  // guard: payments: a charge is requested once
  if (payment.status !== 'awaiting' || payment.reserved) return [];
  return [payment.bill ? charge(payment.bill) : { type: 'ReservationNoted' }];
}

function charge(bill: Bill): PaymentEvent {
  const { amountMinor, currency } = bill;
  // Providers refuse a charge of nothing.
  // guard: payments: an order that costs nothing is captured without the provider
  if (amountMinor === 0) return { type: 'PaymentCaptured', data: { chargeId: FREE, amountMinor, currency } };
  return { type: 'ChargeRequested', data: bill };
}

function cancel({ cancelledBy }: Command<'CancelPayment'>, payment: Payment): PaymentEvent[] {
  switch (payment.status) {
    case 'awaiting':
      return [{ type: 'PaymentVoided', data: {} }];
    case 'charging':
      return [{ type: 'CancellationNoted', cancelledBy }];
    case 'captured':
      // Nothing was captured, so nothing is refunded, and no mail says so.
      if (payment.money.amountMinor === 0) return [{ type: 'PaymentVoided', data: {} }];
      // guard: payments: a cancellation refunds what was captured
      return [{ type: 'RefundRequested', data: { chargeId: payment.chargeId, ...payment.money }, cancelledBy }];
    case 'cancelling':
    case 'refunding':
    case 'refunded':
    case 'declined':
    case 'voided':
      return [];
    default:
      return assertNever(payment);
  }
}

function recordCapture({ chargeId }: Command<'RecordCapture'>, payment: Payment): PaymentEvent[] {
  if ('chargeId' in payment) {
    if (payment.chargeId === chargeId) return [];
    throw new BrokenRule(`the order was captured before as ${payment.chargeId}`, 'one-capture');
  }
  if (payment.status !== 'charging' && payment.status !== 'cancelling') throw unexpected('captured', payment);
  const data = { chargeId, ...payment.money };
  if (payment.status === 'charging') return [{ type: 'PaymentCaptured', data }];
  // A late capture does not revive a cancelled order: it is refunded.
  return [
    { type: 'PaymentCaptured', data },
    // guard: payments: a capture after the cancellation is refunded
    { type: 'RefundRequested', data, cancelledBy: payment.cancelledBy },
  ];
}

function recordDecline({ code }: Command<'RecordDecline'>, payment: Payment): PaymentEvent[] {
  if (payment.status === 'declined') return [];
  if (payment.status !== 'charging' && payment.status !== 'cancelling') throw unexpected('declined', payment);
  return [{ type: 'PaymentDeclined', data: { code, ...payment.money } }];
}

function recordRefund({ refund }: Command<'RecordRefund'>, payment: Payment): PaymentEvent[] {
  if (payment.status === 'refunded' && payment.refund.refundId === refund.refundId) return [];
  if (payment.status !== 'refunding') throw unexpected('refunded', payment);
  const { refundId, isElsewhere: elsewhere } = refund;
  return [{ type: 'PaymentRefunded', data: { refundId, elsewhere, ...payment.money } }];
}

function voidPayment(payment: Payment): PaymentEvent[] {
  switch (payment.status) {
    case 'charging':
      // The order is not over yet: only a declined payment ends it.
      return [{ type: 'PaymentDeclined', data: { code: 'voided_by_operator', ...payment.money } }];
    case 'cancelling':
    case 'refunding':
      return [{ type: 'PaymentVoided', data: {} }];
    case 'awaiting':
    case 'captured':
    case 'declined':
    case 'refunded':
    case 'voided':
      throw new BrokenRule(`a payment that is ${payment.status} cannot be voided`, 'not-voidable');
    default:
      return assertNever(payment);
  }
}

const unexpected = (answer: string, payment: Payment): BrokenRule =>
  new BrokenRule(`the provider answered ${answer} for a payment that is ${payment.status}`, 'unexpected-answer');
