import { assertNever, BrokenRule } from '@orderflow/decider';
import type { MailContent, NoticeCommand, NoticeEvent, Notices, Template } from './notice.js';

type Command<Type extends NoticeCommand['type']> = Extract<NoticeCommand, { type: Type }>;

export function decide(command: NoticeCommand, notices: Notices): readonly NoticeEvent[] {
  switch (command.type) {
    case 'TellConfirmed':
      return tellConfirmed(command, notices);
    case 'TellCancelled':
      return tellCancelled(command, notices);
    case 'TellRefunded':
      return tellRefunded(command, notices);
    case 'RecordAccepted':
      return recordAccepted(command, notices);
    case 'RecordRefused':
      return recordRefused(command, notices);
    default:
      return assertNever(command);
  }
}

function tellConfirmed({ email, total, at }: Command<'TellConfirmed'>, notices: Notices): NoticeEvent[] {
  if (notices.mails['order-confirmed']) return [];
  if (notices.mails['order-cancelled'] || notices.refund) throw both();
  return [request(email, { template: 'order-confirmed', facts: total }, at)];
}

function tellCancelled({ email, reason, at }: Command<'TellCancelled'>, notices: Notices): NoticeEvent[] {
  if (notices.mails['order-cancelled']) return [];
  if (notices.mails['order-confirmed']) throw both();
  const cancelled = request(email, { template: 'order-cancelled', facts: { reason } }, at);
  const { refund } = notices;
  return refund ? [cancelled, request(email, { template: 'payment-refunded', facts: refund }, at)] : [cancelled];
}

function tellRefunded({ refund, at }: Command<'TellRefunded'>, notices: Notices): NoticeEvent[] {
  const { recipient, mails } = notices;
  if (mails['order-confirmed']) throw both();
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
  if (!mail) throw new BrokenRule(`no ${template} was asked for`, 'unexpected-answer');
  return mail;
}

const both = () => new BrokenRule('an order is either confirmed, or cancelled and refunded', 'one-ending');
