import { assertNever } from '@orderflow/decider';
import type { Money, Payment } from '../domain/payment.js';

/** One row of `payments`, as Prisma and the repository read it. Columns that a status does not use are null. */
export interface PaymentRow {
  orderId: string;
  status: string;
  sequence: number;
  reserved: boolean;
  /** `bigint`: a string from pg, a BigInt from Prisma. */
  amountMinor: string | bigint | number | null;
  currency: string | null;
  token: string | null;
  chargeId: string | null;
  refundId: string | null;
  declineCode: string | null;
  cancelledBy: string | null;
  refundedElsewhere: boolean;
}

export function paymentOf(row: PaymentRow): Payment {
  const { orderId, sequence, reserved } = row;
  const status = row.status as Payment['status'];
  const known = { orderId, sequence };
  switch (status) {
    case 'awaiting': {
      const money = moneyOf(row);
      return { ...known, status, reserved, bill: money && { ...money, token: must(row.token) } };
    }
    case 'charging':
      return { ...known, status, money: must(moneyOf(row)) };
    case 'cancelling':
      // Null in rows that were written before the column existed.
      return { ...known, status, money: must(moneyOf(row)), cancelledBy: row.cancelledBy ?? 'unknown' };
    case 'captured':
    case 'refunding':
      return { ...known, status, money: must(moneyOf(row)), chargeId: must(row.chargeId) };
    case 'declined':
      return { ...known, status, money: must(moneyOf(row)), code: must(row.declineCode) };
    case 'refunded': {
      const refund = { refundId: must(row.refundId), isElsewhere: row.refundedElsewhere };
      return { ...known, status, money: must(moneyOf(row)), chargeId: must(row.chargeId), refund };
    }
    case 'voided':
      return { ...known, status, money: moneyOf(row) };
    default:
      return assertNever(status);
  }
}

export function rowOf(payment: Payment): PaymentRow {
  const { orderId, status, sequence } = payment;
  const money = status === 'awaiting' ? payment.bill : payment.money;
  return {
    orderId,
    status,
    sequence,
    reserved: status === 'awaiting' && payment.reserved,
    amountMinor: money?.amountMinor ?? null,
    currency: money?.currency ?? null,
    token: status === 'awaiting' ? (payment.bill?.token ?? null) : null,
    chargeId: 'chargeId' in payment ? payment.chargeId : null,
    refundId: status === 'refunded' ? payment.refund.refundId : null,
    declineCode: 'code' in payment ? payment.code : null,
    cancelledBy: 'cancelledBy' in payment ? payment.cancelledBy : null,
    refundedElsewhere: status === 'refunded' && payment.refund.isElsewhere,
  };
}

function moneyOf({ amountMinor, currency }: PaymentRow): Money | undefined {
  return amountMinor === null ? undefined : { amountMinor: Number(amountMinor), currency: must(currency) };
}

function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined)
    throw new Error('a column that the status of this payment requires is null');
  return value;
}
