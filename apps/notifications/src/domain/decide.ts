import { assertNever, BrokenRule } from '@orderflow/decider';
import type { MailContent, NoticeCommand, NoticeEvent, Notices, Template } from './notice.js';

type Command<Type extends NoticeCommand['type']> = Extract<NoticeCommand, { type: Type }>;

/** @returns the events that follow from a command; `[]` for a duplicate. @throws BrokenRule */
export function decide(command: NoticeCommand, notices: Notices): readonly NoticeEvent[] {
  switch (command.type) {
    case 'NotifyConfirmed':
      return notifyConfirmed(command, notices);
    case 'NotifyCancelled':
      return notifyCancelled(command, notices);
    case 'NotifyRefunded':
      return notifyRefunded(command, notices);
    case 'RecordAccepted':
      return recordAccepted(command, notices);
    case 'RecordRefused':
      return recordRefused(command, notices);
    default:
      return assertNever(command);
  }
}

function notifyConfirmed({ email, total, at }: Command<'NotifyConfirmed'>, notices: Notices): NoticeEvent[] {
  // guard: notifications: one mail per order and template
  if (notices.mails['order-confirmed']) return [];
  if (notices.mails['order-cancelled'] || notices.refund) throw twoOutcomes();
  return [request(email, { template: 'order-confirmed', facts: total }, at)];
}

function notifyCancelled({ email, reason, at }: Command<'NotifyCancelled'>, notices: Notices): NoticeEvent[] {
  if (notices.mails['order-confirmed']) throw twoOutcomes();
  if (notices.mails['order-cancelled']) return notices.recipient === undefined ? addressed(email, at, notices) : [];
  const cancelled = request(email, { template: 'order-cancelled', facts: { reason } }, at);
  const { refund } = notices;
  return refund ? [cancelled, request(email, { template: 'payment-refunded', facts: refund }, at)] : [cancelled];
}

/** After a restore: the mail of the cancellation was sent, and what was known of its recipient is lost. */
function addressed(to: string, at: string, { refund, mails }: Notices): NoticeEvent[] {
  // guard: notifications: a refund is mailed also when the mail before it was taken back
  if (refund && !mails['payment-refunded']) return [request(to, { template: 'payment-refunded', facts: refund }, at)];
  return [{ type: 'RecipientNoted', data: { to } }];
}

function notifyRefunded({ refund, at }: Command<'NotifyRefunded'>, notices: Notices): NoticeEvent[] {
  const { recipient, mails } = notices;
  if (mails['order-confirmed']) throw twoOutcomes();
  if (notices.refund || mails['payment-refunded']) return [];
  if (recipient === undefined) return [{ type: 'RefundNoted', data: refund }];
  return [request(recipient, { template: 'payment-refunded', facts: refund }, at)];
}

function recordAccepted({ template, messageId, at }: Command<'RecordAccepted'>, notices: Notices): NoticeEvent[] {
  if (mailOf(template, notices).status !== 'requested') return [];
  return [{ type: 'NotificationSent', data: { template, messageId }, at }];
}

function recordRefused({ template, reason, at }: Command<'RecordRefused'>, notices: Notices): NoticeEvent[] {
  if (mailOf(template, notices).status !== 'requested') return [];
  return [{ type: 'NotificationFailed', data: { template, reason }, at }];
}

const request = (to: string, content: MailContent, at: string): NoticeEvent => ({
  type: 'MailRequested',
  data: { ...content, to },
  at,
});

function mailOf(template: Template, { mails }: Notices) {
  const mail = mails[template];
  if (!mail) throw new BrokenRule(`no mail ${template} was requested`, 'unexpected-answer');
  return mail;
}

const twoOutcomes = () => new BrokenRule('an order is either confirmed, or cancelled and refunded', 'one-ending');
