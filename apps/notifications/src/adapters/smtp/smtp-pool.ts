import { SmtpConnection, type SmtpMail, type Timeouts } from './smtp-connection.js';
import { SmtpFailure } from './smtp-failure.js';

// Servers slow a session down after some errors (Postfix after ten), and an unknown recipient counts as two.
const MOST_REFUSALS = 3;
// Less than the shortest time after which servers close an idle session.
const IDLE_MS = 30_000;

interface Idle {
  readonly connection: SmtpConnection;
  readonly timer: NodeJS.Timeout;
}

/**
 * Sends mails over connections that are used again. It opens as many as mails are sent at a time, and never lets a mail wait.
 * Nodemailer's own pool cannot end a connection after refusals, queues mails while their time runs, and does not tell whether
 * the content of a mail was sent.
 */
export class SmtpPool {
  private readonly idle: Idle[] = [];
  private isClosed = false;

  constructor(
    private readonly url: string,
    private readonly timeouts: Timeouts,
  ) {}

  /** @throws SmtpFailure, NotBegun */
  async send(mail: SmtpMail, signal: AbortSignal): Promise<void> {
    const used = this.take();
    if (used) {
      try {
        return await this.sendOver(used, mail, signal);
      } catch (error) {
        // The server had closed the idle connection: nothing of the mail was sent.
        if (!isOver(error)) throw error;
      }
    }
    await this.sendOver(await SmtpConnection.open(this.url, this.timeouts, signal), mail, signal);
  }

  /** Closes the connections as soon as their mails are sent. */
  close(): void {
    this.isClosed = true;
    for (const { connection, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      connection.quit();
    }
  }

  private async sendOver(connection: SmtpConnection, mail: SmtpMail, signal: AbortSignal): Promise<void> {
    try {
      await connection.send(mail, signal);
      this.giveBack(connection);
    } catch (error) {
      if (connection.isOpen) void this.afterRefusal(connection, error);
      throw error;
    }
  }

  private async afterRefusal(connection: SmtpConnection, error: unknown): Promise<void> {
    const isReply = error instanceof SmtpFailure && typeof error.reply !== 'string' && error.reply.code !== '421';
    if (!isReply) return connection.close();
    if (++connection.refusals >= MOST_REFUSALS) return connection.quit();
    try {
      await connection.reset();
      this.giveBack(connection);
    } catch {
      // The connection serves no other mail; the refusal is already reported.
      connection.close();
    }
  }

  private take(): SmtpConnection | undefined {
    for (let last = this.idle.pop(); last; last = this.idle.pop()) {
      clearTimeout(last.timer);
      if (last.connection.isOpen) return last.connection;
    }
    return undefined;
  }

  private giveBack(connection: SmtpConnection): void {
    if (!connection.isOpen) return;
    if (this.isClosed) return connection.quit();
    const timer = setTimeout(() => {
      this.idle.splice(this.idle.indexOf(idle), 1);
      connection.quit();
    }, IDLE_MS).unref();
    const idle = { connection, timer };
    this.idle.push(idle);
  }
}

const isOver = (error: unknown): boolean =>
  error instanceof SmtpFailure &&
  error.phase !== 'content' &&
  (error.reply === 'cut' || (typeof error.reply !== 'string' && error.reply.code === '421'));
