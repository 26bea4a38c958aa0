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

const confirmed: NoticeCommand = { type: 'TellConfirmed', orderId, at, email, total: money };
const cancelled: NoticeCommand = { type: 'TellCancelled', orderId, at, email, reason: 'timed_out' };
const refunded: NoticeCommand = { type: 'TellRefunded', orderId, at, refund: money };
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

const asked = (content: MailContent): NoticeEvent => ({ type: 'MailRequested', data: { ...content, to: email }, at });
const askedConfirmed = asked({ template: 'order-confirmed', facts: money });
const askedCancelled = asked({ template: 'order-cancelled', facts: { reason: 'timed_out' } });
const askedRefunded = asked({ template: 'payment-refunded', facts: money });
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
  it('is told of once it is confirmed', () => {
    past().when(confirmed).then(askedConfirmed);
  });

  it('is told of once it is cancelled', () => {
    past().when(cancelled).then(askedCancelled);
  });

  it('is refused two endings', () => {
    past(askedConfirmed).when(cancelled).thenRefused('one-ending');
    past(askedCancelled).when(confirmed).thenRefused('one-ending');
    past(refundNoted).when(confirmed).thenRefused('one-ending');
  });

  it('is told of once, however often it is heard of', () => {
    past(askedConfirmed).when(confirmed).thenNothing();
    past(askedCancelled).when(cancelled).thenNothing();
    past(askedCancelled, sent('order-cancelled')).when(cancelled).thenNothing();
    past(askedConfirmed, failed('order-confirmed')).when(confirmed).thenNothing();
  });
});

describe('a refund', () => {
  it('is told of after the cancellation', () => {
    past(askedCancelled).when(refunded).then(askedRefunded);
  });

  it('waits for the cancellation to say whom to tell', () => {
    past().when(refunded).then(refundNoted);
    past(refundNoted).when(cancelled).then(askedCancelled, askedRefunded);
  });

  it('is refused for an order that is confirmed', () => {
    past(askedConfirmed).when(refunded).thenRefused('one-ending');
  });

  it('is told of once, however often it is heard of', () => {
    past(refundNoted).when(refunded).thenNothing();
    past(refundNoted, askedCancelled, askedRefunded).when(refunded).thenNothing();
    past(askedCancelled, askedRefunded).when(refunded).thenNothing();
    past(refundNoted, askedCancelled, askedRefunded, sent('payment-refunded')).when(refunded).thenNothing();
  });
});

describe('the answer of the mail server', () => {
  it('says that the mail is sent', () => {
    past(askedConfirmed).when(accepted('order-confirmed')).then(sent('order-confirmed'));
  });

  it('says that the mail is given up', () => {
    past(askedConfirmed).when(refused('order-confirmed')).then(failed('order-confirmed'));
  });

  it('is refused for a mail that nobody asked for', () => {
    past().when(accepted('order-confirmed')).thenRefused('unexpected-answer');
    past(askedConfirmed).when(refused('payment-refunded')).thenRefused('unexpected-answer');
  });

  it('counts once: the first one stays', () => {
    past(askedConfirmed, sent('order-confirmed')).when(accepted('order-confirmed')).thenNothing();
    past(askedConfirmed, sent('order-confirmed')).when(refused('order-confirmed')).thenNothing();
    past(askedConfirmed, failed('order-confirmed')).when(accepted('order-confirmed')).thenNothing();
  });

  it('is numbered over all mails of the order', () => {
    const once = noticesAfter(askedCancelled, askedRefunded, sent('payment-refunded'));
    expect(once).toMatchObject({ sequence: 1 });
    expect(evolve(once, sent('order-cancelled'))).toMatchObject({ sequence: 2 });
  });
});

describe('whatever the order and the number of its inputs', () => {
  it('each mail is asked for once', () => {
    const inputs = fc.shuffledSubarray([cancelled, cancelled, refunded, refunded, refunded], { minLength: 5 });
    fc.assert(
      fc.property(inputs, (commands) => {
        let notices = noNotices(orderId);
        const asked: Template[] = [];
        for (const command of commands)
          for (const event of decide(command, notices)) {
            notices = evolve(notices, event);
            if (event.type === 'MailRequested') asked.push(event.data.template);
          }
        expect(asked.toSorted()).toEqual(['order-cancelled', 'payment-refunded']);
      }),
    );
  });
});
