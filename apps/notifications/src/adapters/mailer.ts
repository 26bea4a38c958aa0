import type { ExternalCall } from '@orderflow/decider';
import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { z } from 'zod';
import type { MailRequest, NoticeCommand } from '../domain/notice.js';
import { renderMail } from './render-mail.js';

const TIMEOUT_MS = 5_000;
/** How many mails are sent at a time. */
export const CONNECTIONS = 8;

const emailAddress = z.email().max(254);

/** Sends mail. The server accepts a mail or refuses it permanently; after anything else the outcome is unknown, and the call is retried. */
export class Mailer implements OnApplicationShutdown {
  private readonly transport: Transporter;

  constructor(
    smtpUrl: string,
    private readonly from: string,
  ) {
    this.transport = createTransport({
      url: smtpUrl,
      pool: true,
      maxConnections: CONNECTIONS,
      maxMessages: 1_000,
      // No retries by the pool: it would send a mail a second time, beside the retried call.
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
    // One plain address can neither end a header nor smuggle in a second recipient.
    if (!emailAddress.safeParse(mail.to).success) return answered(refused('not an e-mail address'));
    try {
      return answered({ type: 'RecordAccepted', messageId: await this.send(mail, orderId, signal) });
    } catch (error) {
      if (isPermanentRefusal(error)) return answered(refused(error.response ?? error.message));
      throw error;
    }
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }

  private async send(mail: MailRequest, orderId: string, signal: AbortSignal): Promise<string> {
    // The same on every attempt, so that the recipient can recognise a duplicate.
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

/** RFC 5321, 4.2.1: 5yz is permanent. After greeting, login or MAIL FROM it means our own setup, which an operator can fix. */
function isPermanentRefusal(error: unknown): error is SmtpError {
  if (!(error instanceof Error)) return false;
  const { command, responseCode = 0 } = error as SmtpError;
  return responseCode >= 500 && responseCode < 600 && (command === 'RCPT TO' || command === 'DATA');
}
