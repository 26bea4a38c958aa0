import type { ReactionsOf } from '@orderflow/contracts';
import type { PaymentCommand } from '../domain/payment.js';

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
