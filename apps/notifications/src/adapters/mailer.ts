import type { ExternalCall } from '@orderflow/decider';
import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { z } from 'zod';
import type { MailRequest, NoticeCommand } from '../domain/notice.js';
import { renderMail } from './render-mail.js';

const TIMEOUT_MS = 5_000;

const emailAddress = z.email().max(254);

/** The mail server outside. It took the mail, or refused it for good; after all else the outcome is unknown and it is asked again. */
export class Mailer implements OnApplicationShutdown {
  private readonly transport: Transporter;

  constructor(
    smtpUrl: string,
    private readonly from: string,
  ) {
    this.transport = createTransport({
      url: smtpUrl,
      pool: true,
      maxConnections: 8,
      maxMessages: 1_000,
      // Asking again is not the pool's business: a mail that it kept would be sent beside the one that is asked for anew.
      maxRequeues: 0,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async mail({ subject: orderId, request }: ExternalCall, signal: AbortSignal): Promise<NoticeCommand> {
    const mail = request as MailRequest;
    const { template } = mail;
    const answered = (answer: Accepted | Refused): NoticeCommand => ({
      ...answer,
      orderId,
      template,
      at: new Date().toISOString(),
    });
    // Checked where it is used, whatever others checked before: one plain address can neither end a header nor hide a second.
    if (!emailAddress.safeParse(mail.to).success) return answered(refused('not an e-mail address'));
    try {
      return answered({ type: 'RecordAccepted', messageId: await this.send(mail, orderId, signal) });
    } catch (error) {
      if (isRefusedForGood(error)) return answered(refused(error.response ?? error.message));
      throw error;
    }
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }

  private async send(mail: MailRequest, orderId: string, signal: AbortSignal): Promise<string> {
    // The same on every attempt: whoever gets it twice can tell.
    const messageId = `<${mail.template}.${orderId}@orderflow.example>`;
    await this.transport.sendMail({
      from: this.from,
      to: { name: '', address: mail.to },
      messageId,
      headers: { 'X-Order-Id': orderId, 'X-Template': mail.template },
      ...renderMail(mail, orderId),
      signal,
    });
    return messageId;
  }
}

type Answer<Type extends NoticeCommand['type'], Key extends string> = { type: Type } & Record<Key, string>;
type Accepted = Answer<'RecordAccepted', 'messageId'>;
type Refused = Answer<'RecordRefused', 'reason'>;

const refused = (reason: string): Refused => ({ type: 'RecordRefused', reason: reason.slice(0, 200) });

interface SmtpError extends Error {
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/** RFC 5321, 4.2.1: 5yz is permanent. Published to greeting, login or sender it is about our own setup, which can be mended. */
function isRefusedForGood(error: unknown): error is SmtpError {
  if (!(error instanceof Error)) return false;
  const { command, responseCode = 0 } = error as SmtpError;
  return responseCode >= 500 && responseCode < 600 && (command === 'RCPT TO' || command === 'DATA');
}
