import { assertNever } from '@orderflow/decider';
import type { Effect } from '@orderflow/durable';
import type { NoticeEvent, Notices } from '../domain/notice.js';

/** What follows from what happened: said to the others, or asked of the mailer. */
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
