import type { OnApplicationShutdown } from '@nestjs/common';
import { readEmailAddress } from '@orderflow/contracts';
import { NotAnswered, type PendingCall } from '@orderflow/durable';
import { counter } from '@orderflow/telemetry';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { MailRequest, NoticeCommand } from '../domain/notice.js';
import { renderMail } from './render-mail.js';
import type { Mailbox } from './smtp/mailbox.js';
import { type Action, actionFor, actions, isAboutAll } from './smtp/reply-table.js';
import { timeoutsOf } from './smtp/smtp-connection.js';
import { NotBegun, SmtpFailure } from './smtp/smtp-failure.js';
import { SmtpPool } from './smtp/smtp-pool.js';

// A login that is refused again and again would be locked.
const OPERATOR_PAUSE_MS = 60_000;

const attempts = counter('orderflow_mail_attempts_total', 'Attempts to send a mail, by what became of it.', [
  'outcome',
]);

export interface MailerSettings {
  readonly url: string;
  readonly from: Mailbox;
  /** A mail that one recipient's side puts off is sent again after this time. */
  readonly retryMs: number;
  /** A mail that is refused for something else than its recipient is sent again after this time. */
  readonly operatorMs: number;
  /** A deferred mail is given up once it has been put off for this long. */
  readonly giveUpMs: number;
  /** A mail whose outcome is unknown is sent again after this time. */
  readonly uncertainMs: number;
  /** The longest wait for a reply. */
  readonly replyMs: number;
}

type Answer = Extract<NoticeCommand, { type: 'RecordAccepted' | 'RecordRefused' }>;

/** Sends mails. `smtp/reply-table.ts` says what each reply of the server leads to. */
export class Mailer implements OnApplicationShutdown {
  private readonly pool: SmtpPool;

  constructor(private readonly settings: MailerSettings) {
    // A counter that begins with its first refusal would show no increase.
    for (const outcome of Object.keys(actions)) attempts.add({ outcome }, 0);
    this.pool = new SmtpPool(settings.url, timeoutsOf(settings.replyMs));
  }

  /** @returns that the mail was accepted, or refused for good. @throws NotAnswered when it is to be sent again */
  async mail(call: PendingCall, signal: AbortSignal): Promise<Answer> {
    const mail = call.request as MailRequest;
    const { subject: orderId } = call;
    const of = { orderId, template: mail.template, at: new Date().toISOString() };
    const to = readEmailAddress(mail.to);
    // One plain address can neither end a header nor smuggle in a second recipient.
    if ('refusal' in to) return { type: 'RecordRefused', reason: `the address ${to.refusal}`, ...of };
    const messageId = `<${mail.template}.${orderId}@${this.settings.from.domain}>`;
    const content = await this.compose(mail, to.address, orderId, messageId);
    try {
      await this.pool.send({ from: this.settings.from.address, to: to.address, content }, signal);
    } catch (error) {
      return { type: 'RecordRefused', reason: this.refusalIn(error, call), ...of };
    }
    attempts.add({ outcome: 'sent' });
    return { type: 'RecordAccepted', messageId, ...of };
  }

  onApplicationShutdown(): void {
    this.pool.close();
  }

  private compose(mail: MailRequest, to: string, orderId: string, messageId: string): Promise<Buffer> {
    const { name, address } = this.settings.from;
    return new MailComposer({
      from: { name, address },
      to: { name: '', address: to },
      // The same on every attempt, so that the recipient can recognise a duplicate.
      messageId,
      // RFC 3834: no machine answers a machine.
      headers: { 'X-Order-Id': orderId, 'X-Template': mail.template, 'Auto-Submitted': 'auto-generated' },
      ...renderMail(mail, orderId),
      disableFileAccess: true,
      disableUrlAccess: true,
    })
      .compile()
      .build();
  }

  /** @returns the reason of a refusal that is final. @throws NotAnswered for everything else */
  private refusalIn(error: unknown, { deferredSince }: PendingCall): string {
    if (error instanceof NotBegun) throw new NotAnswered(error.message, { when: 'unbegun' });
    if (!(error instanceof SmtpFailure)) throw error;
    const action = actionFor(error.phase, error.reply);
    const { giveUpMs } = this.settings;
    const isGivenUp = action === 'deferred' && Date.now() - (deferredSince?.getTime() ?? Infinity) >= giveUpMs;
    attempts.add({ outcome: isGivenUp ? 'given_up' : action });
    if (action === 'refused') return error.message.slice(0, 200);
    if (isGivenUp) return `given up after ${Math.round(giveUpMs / 3_600_000)} hours: ${error.message}`.slice(0, 200);
    throw this.again(action, error);
  }

  private again(action: Exclude<Action, 'refused'>, { message, phase }: SmtpFailure): NotAnswered {
    const { retryMs, operatorMs, uncertainMs } = this.settings;
    switch (action) {
      case 'pause':
        return new NotAnswered(message, { when: 'pause' });
      case 'operator':
        return isAboutAll(phase)
          ? new NotAnswered(message, { when: 'pause', ms: OPERATOR_PAUSE_MS })
          : new NotAnswered(message, { when: 'after', ms: operatorMs, waitsFor: 'operator' });
      case 'deferred':
        return new NotAnswered(message, { when: 'after', ms: retryMs, waitsFor: 'other-side' });
      case 'uncertain':
        return new NotAnswered(message, { when: 'after', ms: uncertainMs });
    }
  }
}
