import type { ReactionsOf } from '@orderflow/contracts';
import { assertNever, type Effect } from '@orderflow/decider';
import type { NoticeCommand, NoticeEvent, Notices } from './domain/notice.js';

/** Events that notifications consumes, each as a command. */
export const reactions = {
  OrderConfirmed: ({ subject, time, data: { email, totalMinor, currency } }) => ({
    type: 'NotifyConfirmed',
    orderId: subject,
    at: time,
    email,
    total: { amountMinor: totalMinor, currency },
  }),
  OrderCancelled: ({ subject, time, data: { email, reason } }) => ({
    type: 'NotifyCancelled',
    orderId: subject,
    at: time,
    email,
    reason,
  }),
  PaymentRefunded: ({ subject, time, data: { amountMinor, currency } }) => ({
    type: 'NotifyRefunded',
    orderId: subject,
    at: time,
    refund: { amountMinor, currency },
  }),
} satisfies ReactionsOf<'notifications', NoticeCommand>;

/** The effects of an event that was decided: it is published, or a mail is sent. */
export function effects(event: NoticeEvent, { orderId, sequence }: Notices): readonly Effect[] {
  switch (event.type) {
    case 'NotificationSent':
    case 'NotificationFailed':
      return [{ publish: event, subject: orderId, sequence }];
    case 'MailRequested': {
      const key = `${event.data.template}-${orderId}`;
      return [{ call: { key, kind: 'mail', subject: orderId, request: event.data } }];
    }
    case 'RefundNoted':
      return [];
    default:
      return assertNever(event);
  }
}
