import type { ReactionsOf } from '@orderflow/contracts';
import { assertNever, type Effect, type Settlements } from '@orderflow/decider';
import type { MailRequest, NoticeCommand, NoticeEvent, Notices } from './domain/notice.js';

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

/** What an operator may make of a mail that was put off: it is given up, as if its recipient had refused it. */
export const settlements = {
  mail: {
    'give-up': ({ subject, request }, { reason, at }) => ({
      type: 'RecordRefused',
      orderId: subject,
      template: (request as MailRequest).template,
      reason: `given up by an operator: ${reason}`.slice(0, 200),
      at,
    }),
  },
} satisfies Settlements<NoticeCommand>;

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
    case 'RecipientNoted':
      return [];
    default:
      return assertNever(event);
  }
}
