import { assertNever } from '@orderflow/decider';
import type { Mail, NoticeEvent, Notices, Template } from './notice.js';

/** @returns the notices after an event that `decide` returned */
export function evolve(notices: Notices, event: NoticeEvent): Notices {
  switch (event.type) {
    case 'RefundNoted':
      return { ...notices, refund: event.data };
    case 'RecipientNoted':
      return { ...notices, recipient: event.data.to };
    case 'MailRequested': {
      const { template, to } = event.data;
      return { ...withMail(notices, template, { status: 'requested', at: event.at }), recipient: to };
    }
    case 'NotificationSent': {
      const { template, messageId } = event.data;
      return published(withMail(notices, template, { status: 'sent', messageId, at: event.at }));
    }
    case 'NotificationFailed': {
      const { template, reason } = event.data;
      return published(withMail(notices, template, { status: 'failed', reason, at: event.at }));
    }
    default:
      return assertNever(event);
  }
}

const withMail = (notices: Notices, template: Template, mail: Mail): Notices => ({
  ...notices,
  mails: { ...notices.mails, [template]: mail },
});

const published = (notices: Notices): Notices => ({ ...notices, sequence: notices.sequence + 1 });
