import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Phase } from './reply-table.js';
import { failureOf, NotBegun, SmtpFailure } from './smtp-failure.js';

/** A mail as SMTP carries it. */
export interface SmtpMail {
  readonly from: string;
  readonly to: string;
  readonly content: Buffer;
}

const MINUTE_MS = 60_000;
const CONNECT_MS = 30_000;

/** RFC 5321, 4.5.3.2: how long a client waits, in ms. `most` shortens each of them. */
export const timeoutsOf = (most: number) => ({
  greeting: Math.min(5 * MINUTE_MS, most),
  /** MAIL, RCPT and DATA travel together. */
  envelope: Math.min(5 * MINUTE_MS, most),
  /** The content and the reply to its final dot. */
  content: Math.min(10 * MINUTE_MS, most),
});

export type Timeouts = ReturnType<typeof timeoutsOf>;

/** A session with the mail server. One mail at a time. */
export class SmtpConnection {
  /** Refused mails of this session: servers slow down or end a session with many. */
  refusals = 0;
  isOpen = true;

  private constructor(
    private readonly smtp: SMTPConnection,
    private readonly timeouts: Timeouts,
  ) {
    smtp.on('error', () => this.close());
    smtp.on('end', () => (this.isOpen = false));
  }

  /** Connects, greets, upgrades to TLS where the server offers it, and logs in. @throws SmtpFailure, NotBegun */
  static async open(url: string, timeouts: Timeouts, signal: AbortSignal): Promise<SmtpConnection> {
    const options = parseConnectionUrl(url);
    const { host = 'localhost', auth } = options;
    const port = Number(options.port) || (options.secure ? 465 : 587);
    const socket = await openSocket(host, port, signal);
    const { greeting, content } = timeouts;
    const smtp = new SMTPConnection({
      ...options,
      host,
      port,
      connection: socket,
      connectionTimeout: greeting,
      greetingTimeout: greeting,
      // Longer than any wait for a reply: those have timers of their own.
      socketTimeout: content + MINUTE_MS,
    });
    // Without a listener an error between two steps would end the process; the next step reports it.
    smtp.on('error', () => undefined);
    const steps = async () => {
      await settled('connection', smtp, (done) => smtp.connect(done));
      if (auth?.user && smtp.allowsAuth)
        await settled('login', smtp, (done) =>
          smtp.login({ credentials: auth, user: auth.user, pass: auth.pass }, done),
        );
    };
    const given = givenUp(signal);
    try {
      await Promise.race([steps(), given.promise]);
      return new SmtpConnection(smtp, timeouts);
    } catch (error) {
      smtp.close();
      throw error;
    } finally {
      given.forget();
    }
  }

  /**
   * Sends one mail. When `signal` aborts, it is given up only before its content is sent: afterwards it would be unknown whether
   * it was delivered.
   * @throws SmtpFailure, NotBegun
   */
  async send({ from, to, content }: SmtpMail, signal: AbortSignal): Promise<void> {
    const { smtp, timeouts } = this;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let phase: Phase = 'recipient';
    const giveUp = (error: Error) => {
      // In this order: the close would report a cut.
      reject(error);
      this.close();
    };
    const silent = () => giveUp(new SmtpFailure('the mail server does not answer', phase, 'silence'));
    let timer = setTimeout(silent, timeouts.envelope);
    // guard: notifications: a mail is not given up once its content is sent
    const onAbort = () => phase === 'recipient' && giveUp(new NotBegun('given up before its content was sent'));
    const onError = (error: Error) => giveUp(failureOf(error, phase));
    // Later than a callback with the text of a 421, which nodemailer calls after this event.
    const onEnd = () => queueMicrotask(() => giveUp(failureOf(cut(), phase)));
    // It is read once the server has accepted the recipient and DATA.
    const stream = new Readable({
      read() {
        phase = 'content';
        clearTimeout(timer);
        timer = setTimeout(silent, timeouts.content);
        this.push(content);
        this.push(null);
      },
    });
    signal.addEventListener('abort', onAbort);
    smtp.on('error', onError).on('end', onEnd);
    if (signal.aborted) onAbort();
    else smtp.send({ from, to }, stream, (error) => (error ? reject(failureOf(error, phase)) : resolve()));
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      smtp.off('error', onError).off('end', onEnd);
    }
  }

  /** Ends the transaction of a refused mail. @throws SmtpFailure */
  async reset(): Promise<void> {
    await settled('recipient', this.smtp, (done) => this.smtp.reset(done));
  }

  /** Says goodbye. */
  quit(): void {
    this.isOpen = false;
    this.smtp.quit();
  }

  close(): void {
    this.isOpen = false;
    this.smtp.close();
  }
}

async function openSocket(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  const timer = setTimeout(() => socket.destroy(new Error('the mail server cannot be reached')), CONNECT_MS);
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? new NotBegun('given up before it was connected') : failureOf(error, 'connection');
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects when the signal aborts. */
function givenUp(signal: AbortSignal) {
  const { promise, reject } = Promise.withResolvers<never>();
  // The signal may abort once the race is over: the race has reported its outcome, and nothing awaits this any more.
  promise.catch(() => undefined);
  const onAbort = () => reject(new NotBegun('given up before it was sent'));
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}

/** One step of the session: it ends with its callback, or with the session. @throws SmtpFailure */
function settled(phase: Phase, smtp: SMTPConnection, act: (done: (error?: unknown) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: unknown) => reject(failureOf(error, phase));
  const onEnd = () => queueMicrotask(() => fail(cut()));
  smtp.on('error', fail).on('end', onEnd);
  act((error) => (error ? fail(error) : resolve()));
  return promise.finally(() => smtp.off('error', fail).off('end', onEnd));
}

const cut = () => new Error('the mail server closed the connection');
