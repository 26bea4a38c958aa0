import { describe, expect, it } from '@jest/globals';
import { given } from '@orderflow/testing';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import {
  type MailContent,
  noNotices,
  type NoticeCommand,
  type NoticeEvent,
  type Notices,
  type Template,
} from './notice.js';

const orderId = randomUUID();
const at = '2026-11-01T12:00:00.000Z';
const email = 'ada@example.com';
const money = { amountMinor: 1900, currency: 'EUR' };

const confirmed: NoticeCommand = { type: 'NotifyConfirmed', orderId, at, email, total: money };
const cancelled: NoticeCommand = { type: 'NotifyCancelled', orderId, at, email, reason: 'timed_out' };
const refunded: NoticeCommand = { type: 'NotifyRefunded', orderId, at, refund: money };
const accepted = (template: Template): NoticeCommand => ({
  type: 'RecordAccepted',
  orderId,
  at,
  template,
  messageId: `<${template}>`,
});
const refused = (template: Template): NoticeCommand => ({
  type: 'RecordRefused',
  orderId,
  at,
  template,
  reason: '550 no such user',
});

const requested = (content: MailContent): NoticeEvent => ({
  type: 'MailRequested',
  data: { ...content, to: email },
  at,
});
const confirmedRequested = requested({ template: 'order-confirmed', facts: money });
const cancelledRequested = requested({ template: 'order-cancelled', facts: { reason: 'timed_out' } });
const refundedRequested = requested({ template: 'payment-refunded', facts: money });
const refundNoted: NoticeEvent = { type: 'RefundNoted', data: money };
const sent = (template: Template): NoticeEvent => ({
  type: 'NotificationSent',
  data: { template, messageId: `<${template}>` },
  at,
});
const failed = (template: Template): NoticeEvent => ({
  type: 'NotificationFailed',
  data: { template, reason: '550 no such user' },
  at,
});

const past = given({ decide, evolve }, noNotices(orderId));
const noticesAfter = (...events: readonly NoticeEvent[]): Notices => events.reduce(evolve, noNotices(orderId));

describe('an order that is over', () => {
  it('gets a mail when it is confirmed', () => {
    past().when(confirmed).then(confirmedRequested);
  });

  it('gets a mail when it is cancelled', () => {
    past().when(cancelled).then(cancelledRequested);
  });

  it('is refused two outcomes', () => {
    past(confirmedRequested).when(cancelled).thenRefused('one-ending');
    past(cancelledRequested).when(confirmed).thenRefused('one-ending');
    past(refundNoted).when(confirmed).thenRefused('one-ending');
  });

  it('gets one mail, however often its events arrive', () => {
    past(confirmedRequested).when(confirmed).thenNothing();
    past(cancelledRequested).when(cancelled).thenNothing();
    past(cancelledRequested, sent('order-cancelled')).when(cancelled).thenNothing();
    past(confirmedRequested, failed('order-confirmed')).when(confirmed).thenNothing();
  });
});

describe('a refund', () => {
  it('gets a mail after the cancellation', () => {
    past(cancelledRequested).when(refunded).then(refundedRequested);
  });

  it('waits for the recipient, which comes with the cancellation', () => {
    past().when(refunded).then(refundNoted);
    past(refundNoted).when(cancelled).then(cancelledRequested, refundedRequested);
  });

  it('is refused for an order that is confirmed', () => {
    past(confirmedRequested).when(refunded).thenRefused('one-ending');
  });

  it('gets one mail, however often it arrives', () => {
    past(refundNoted).when(refunded).thenNothing();
    past(refundNoted, cancelledRequested, refundedRequested).when(refunded).thenNothing();
    past(cancelledRequested, refundedRequested).when(refunded).thenNothing();
    past(refundNoted, cancelledRequested, refundedRequested, sent('payment-refunded')).when(refunded).thenNothing();
  });
});

describe('after a restore that took back the mail of the cancellation', () => {
  const takenBack = sent('order-cancelled');
  const recipientNoted: NoticeEvent = { type: 'RecipientNoted', data: { to: email } };

  it('a refund gets its mail, whichever of the two events is consumed first', () => {
    past(takenBack, refundNoted).when(cancelled).then(refundedRequested);
    past(takenBack).when(cancelled).then(recipientNoted);
    past(takenBack, recipientNoted).when(refunded).then(refundedRequested);
  });

  it('a refund gets no second mail, and the cancellation neither', () => {
    past(takenBack, recipientNoted).when(cancelled).thenNothing();
    past(takenBack, refundNoted, refundedRequested).when(cancelled).thenNothing();
    past(takenBack, sent('payment-refunded')).when(cancelled).then(recipientNoted);
    past(takenBack, sent('payment-refunded'), recipientNoted).when(refunded).thenNothing();
  });
});

describe('the answer of the mail server', () => {
  it('records that the mail was sent', () => {
    past(confirmedRequested).when(accepted('order-confirmed')).then(sent('order-confirmed'));
  });

  it('records that the mail failed', () => {
    past(confirmedRequested).when(refused('order-confirmed')).then(failed('order-confirmed'));
  });

  it('is refused for a mail that was not requested', () => {
    past().when(accepted('order-confirmed')).thenRefused('unexpected-answer');
    past(confirmedRequested).when(refused('payment-refunded')).thenRefused('unexpected-answer');
  });

  it('counts once: the first answer stays', () => {
    past(confirmedRequested, sent('order-confirmed')).when(accepted('order-confirmed')).thenNothing();
    past(confirmedRequested, sent('order-confirmed')).when(refused('order-confirmed')).thenNothing();
    past(confirmedRequested, failed('order-confirmed')).when(accepted('order-confirmed')).thenNothing();
  });

  it('is numbered across all mails of the order', () => {
    const once = noticesAfter(cancelledRequested, refundedRequested, sent('payment-refunded'));
    expect(once).toMatchObject({ sequence: 1 });
    expect(evolve(once, sent('order-cancelled'))).toMatchObject({ sequence: 2 });
  });
});

describe('in any order and number of its inputs', () => {
  it('each mail is requested once', () => {
    const inputs = fc.shuffledSubarray([cancelled, cancelled, refunded, refunded, refunded], { minLength: 5 });
    fc.assert(
      fc.property(inputs, (commands) => {
        let notices = noNotices(orderId);
        const requested: Template[] = [];
        for (const command of commands)
          for (const event of decide(command, notices)) {
            notices = evolve(notices, event);
            if (event.type === 'MailRequested') requested.push(event.data.template);
          }
        expect(requested.toSorted()).toEqual(['order-cancelled', 'payment-refunded']);
      }),
    );
  });
});
