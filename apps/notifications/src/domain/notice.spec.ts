import { describe, expect, it } from '@jest/globals';
import { BrokenRule } from '@orderflow/decider';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { noNotices, type NoticeCommand, type Notices, type Template } from './notice.js';

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

const step = (notices: Notices, command: NoticeCommand): Notices => decide(command, notices).reduce(evolve, notices);

const given = (...commands: NoticeCommand[]) => {
  const state = commands.reduce(step, noNotices(orderId));
  return { state, when: (command: NoticeCommand) => decide(command, state) };
};
const broken = (rule: string) => expect.objectContaining({ constructor: BrokenRule, rule });

const requested = (template: Template, facts: object) => ({
  type: 'MailRequested',
  data: { template, to: email, facts },
  at,
});
const sent = (template: Template) => ({
  type: 'NotificationSent',
  data: { template, messageId: `<${template}>` },
  at,
});

describe('an order that is over', () => {
  it('is told of once it is confirmed', () => {
    expect(given().when(confirmed)).toEqual([requested('order-confirmed', money)]);
  });

  it('is told of once it is cancelled', () => {
    expect(given().when(cancelled)).toEqual([requested('order-cancelled', { reason: 'timed_out' })]);
  });

  it('is refused two endings', () => {
    expect(() => given(confirmed).when(cancelled)).toThrow(broken('one-ending'));
    expect(() => given(cancelled).when(confirmed)).toThrow(broken('one-ending'));
    expect(() => given(refunded).when(confirmed)).toThrow(broken('one-ending'));
  });

  it('is told of once, however often it is heard of', () => {
    expect(given(confirmed).when(confirmed)).toEqual([]);
    expect(given(cancelled).when(cancelled)).toEqual([]);
    expect(given(cancelled, accepted('order-cancelled')).when(cancelled)).toEqual([]);
    expect(given(confirmed, refused('order-confirmed')).when(confirmed)).toEqual([]);
  });
});

describe('a refund', () => {
  it('is told of after the cancellation', () => {
    expect(given(cancelled).when(refunded)).toEqual([requested('payment-refunded', money)]);
  });

  it('waits for the cancellation to say whom to tell', () => {
    expect(given().when(refunded)).toEqual([{ type: 'RefundNoted', data: money }]);
    expect(given(refunded).when(cancelled)).toEqual([
      requested('order-cancelled', { reason: 'timed_out' }),
      requested('payment-refunded', money),
    ]);
  });

  it('is refused for an order that is confirmed', () => {
    expect(() => given(confirmed).when(refunded)).toThrow(broken('one-ending'));
  });

  it('is told of once, however often it is heard of', () => {
    expect(given(refunded).when(refunded)).toEqual([]);
    expect(given(refunded, cancelled).when(refunded)).toEqual([]);
    expect(given(cancelled, refunded).when(refunded)).toEqual([]);
    expect(given(refunded, cancelled, accepted('payment-refunded')).when(refunded)).toEqual([]);
  });
});

describe('the answer of the mail server', () => {
  it('says that the mail is sent', () => {
    expect(given(confirmed).when(accepted('order-confirmed'))).toEqual([sent('order-confirmed')]);
  });

  it('says that the mail is given up', () => {
    expect(given(confirmed).when(refused('order-confirmed'))).toEqual([
      { type: 'NotificationFailed', data: { template: 'order-confirmed', reason: '550 no such user' }, at },
    ]);
  });

  it('is refused for a mail that nobody asked for', () => {
    expect(() => given().when(accepted('order-confirmed'))).toThrow(broken('unexpected-answer'));
    expect(() => given(confirmed).when(refused('payment-refunded'))).toThrow(broken('unexpected-answer'));
  });

  it('counts once: the first one stays', () => {
    expect(given(confirmed, accepted('order-confirmed')).when(accepted('order-confirmed'))).toEqual([]);
    expect(given(confirmed, accepted('order-confirmed')).when(refused('order-confirmed'))).toEqual([]);
    expect(given(confirmed, refused('order-confirmed')).when(accepted('order-confirmed'))).toEqual([]);
  });

  it('is numbered over all mails of the order', () => {
    expect(given(cancelled, refunded, accepted('payment-refunded')).state).toMatchObject({ sequence: 1 });
    expect(given(cancelled, refunded, accepted('payment-refunded'), accepted('order-cancelled')).state).toMatchObject({
      sequence: 2,
    });
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
