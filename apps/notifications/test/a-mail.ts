import type { NotAnswered, PendingCall } from '@orderflow/durable';
import { randomUUID } from 'node:crypto';
import type { Mailer } from '../src/adapters/mailer.js';

export const from = { name: 'Orderflow', address: 'orders@shop.example', domain: 'shop.example' };

/** The defaults of a mailer's settings. */
export const settings = {
  from,
  retryMs: 1_800_000,
  operatorMs: 300_000,
  giveUpMs: 432_000_000,
  uncertainMs: 300_000,
  replyMs: 600_000,
};

export const never = new AbortController().signal;

/** The call for one mail. */
export const callFor = (
  orderId: string = randomUUID(),
  over: Partial<PendingCall> & { to?: string } = {},
): PendingCall => ({
  key: `order-confirmed-${orderId}`,
  kind: 'mail',
  subject: orderId,
  request: {
    template: 'order-confirmed',
    to: over.to ?? 'ada@example.com',
    facts: { amountMinor: 1900, currency: 'EUR' },
  },
  context: { id: orderId, correlationId: orderId, traceparent: '' },
  attempts: 1,
  ...over,
});

/** @returns the answer, or the next attempt */
export const outcomeOf = (mailer: Mailer, call: PendingCall, signal = never): Promise<unknown> =>
  mailer.mail(call, signal).catch((error: NotAnswered) => error.next);
