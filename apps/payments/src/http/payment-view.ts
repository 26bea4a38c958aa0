import { assertNever } from '@orderflow/decider';
import { z } from 'zod';
import type { Payment } from '../domain/payment.js';
import type { RecordedPayment } from '../domain/payment-reader.js';

export const paymentView = z
  .object({
    orderId: z.string(),
    status: z.enum(['pending', 'captured', 'declined', 'voided', 'refunded']),
    amountMinor: z.int().nullable().describe('Null until OrderPlaced was consumed'),
    currency: z.string().nullable(),
    capturedMinor: z.int(),
    refundedMinor: z.int(),
    chargeId: z.string().optional(),
    refundId: z.string().optional(),
    refundedElsewhere: z.boolean().optional().describe('Refunded by other means than our request'),
    declineCode: z.string().optional(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Payment' });

export type PaymentView = z.infer<typeof paymentView>;

/** A payment as the API returns it: a requested charge or refund does not count before the provider's answer. */
export function viewOf({ payment, updatedAt }: RecordedPayment): PaymentView {
  const money = payment.status === 'awaiting' ? payment.bill : payment.money;
  return {
    orderId: payment.orderId,
    amountMinor: money?.amountMinor ?? null,
    currency: money?.currency ?? null,
    capturedMinor: 0,
    refundedMinor: 0,
    ...outcomeOf(payment),
    updatedAt: updatedAt.toISOString(),
  };
}

function outcomeOf(payment: Payment): Pick<PaymentView, 'status'> & Partial<PaymentView> {
  switch (payment.status) {
    case 'awaiting':
    case 'charging':
    case 'cancelling':
      return { status: 'pending' };
    case 'captured':
    case 'refunding':
      return { status: 'captured', capturedMinor: payment.money.amountMinor, chargeId: payment.chargeId };
    case 'declined':
      return { status: 'declined', declineCode: payment.code };
    case 'voided':
      return { status: 'voided' };
    case 'refunded': {
      const { chargeId, refund, money } = payment;
      const { amountMinor } = money;
      return {
        status: 'refunded',
        capturedMinor: amountMinor,
        refundedMinor: amountMinor,
        chargeId,
        ...(refund.refundId === '' ? {} : { refundId: refund.refundId }),
        ...(refund.isElsewhere ? { refundedElsewhere: true } : {}),
      };
    }
    default:
      return assertNever(payment);
  }
}
