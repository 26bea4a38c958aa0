import type { ReactionsOf } from '@orderflow/contracts';
import type { NoticeCommand } from '../domain/notice.js';

/** What notifications does about what it hears. */
export const reactions = {
  OrderConfirmed: ({ subject, time, data: { email, totalMinor, currency } }) => ({
    type: 'TellConfirmed',
    orderId: subject,
    at: time,
    email,
    total: { amountMinor: totalMinor, currency },
  }),
  OrderCancelled: ({ subject, time, data: { email, reason } }) => ({
    type: 'TellCancelled',
    orderId: subject,
    at: time,
    email,
    reason,
  }),
  PaymentRefunded: ({ subject, time, data: { amountMinor, currency } }) => ({
    type: 'TellRefunded',
    orderId: subject,
    at: time,
    refund: { amountMinor, currency },
  }),
} satisfies ReactionsOf<'notifications', NoticeCommand>;
