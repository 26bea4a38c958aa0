import { Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Faults } from '../faults/faults.js';
import type { Mailbox } from './mailbox.js';
import { readMail } from './read-mail.js';

const MOST_BYTES = 262_144;

/** Receives mail over SMTP, without login and without TLS. A mail is stored before its 250. */
export class SmtpIntake implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SmtpIntake.name);
  private readonly server: SMTPServer;

  constructor(
    private readonly mailbox: Mailbox,
    private readonly faults: Faults,
    private readonly address: { host: string; port: number },
  ) {
    this.server = new SMTPServer({
      name: 'sandbox',
      banner: 'orderflow sandbox',
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      hidePIPELINING: false,
      disableReverseLookup: true,
      size: MOST_BYTES,
      // The default, 30 s, is longer than a stop may take.
      closeTimeout: 1_000,
      onConnect: (_session, done) => done(this.outage()),
      // Checked again here: senders keep connections that they opened before the outage.
      onMailFrom: (_from, _session, done) => done(this.outage()),
      onRcptTo: (_to, _session, done) => done(this.refusal()),
      onData: (stream, session, done) => void this.answer(stream, session, done),
    });
    this.server.on('error', (error: Error) => this.logger.debug(`connection: ${error.message}`));
  }

  /** The listening port. */
  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  async onApplicationBootstrap(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.server.once('error', reject);
      this.server.listen(this.address.port, this.address.host, resolve);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error: Error | null, message?: string) => void,
  ): Promise<void> {
    try {
      await this.take(stream, session);
    } catch (error) {
      done(this.answerTo(error));
      return;
    }
    done(null, 'stored');
  }

  private async take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    // To its end, even when it is too large: unread content would be parsed as commands.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) chunks.push(chunk);
    }
    if (bytes > MOST_BYTES) throw smtpError(552, `a mail has at most ${MOST_BYTES} bytes`);
    const outage = this.outage();
    if (outage) throw outage;
    if (this.faults.mail.delayMs > 0) await delay(this.faults.mail.delayMs);
    const recipients = session.envelope.rcptTo.map(({ address }) => address);
    await this.mailbox.receive(await readMail(Buffer.concat(chunks), recipients));
  }

  private outage(): Error | null {
    return this.faults.mail.outage ? smtpError(421, 'the mailbox is down') : null;
  }

  private refusal(): Error | null {
    const [, code, text] = /^(\d{3}) (.*)$/.exec(this.faults.mail.reply ?? '') ?? [];
    return code === undefined ? null : smtpError(Number(code), text!);
  }

  private answerTo(error: unknown): Error {
    if (error instanceof Error && 'responseCode' in error) return error;
    this.logger.warn(`a mail was not stored: ${String(error)}`);
    // Not a 4xx of this mail alone: senders would put it off for half an hour.
    return smtpError(421, 'not stored; try again');
  }
}

const smtpError = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });
