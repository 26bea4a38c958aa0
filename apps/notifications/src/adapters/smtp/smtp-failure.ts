import { type NoReply, type Phase, readReply, type Reply } from './reply-table.js';

/** A mail was not accepted, or that is not known. */
export class SmtpFailure extends Error {
  override readonly name = 'SmtpFailure';

  /** @param message has the text of the reply */
  constructor(
    message: string,
    readonly phase: Phase,
    readonly reply: Reply | NoReply,
  ) {
    super(message);
  }
}

/** The mail was given up before its content was sent. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun';
}

/** As nodemailer throws it. */
interface NodemailerError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
}

const phaseOfCommand: Readonly<Record<string, Phase>> = {
  EHLO: 'connection',
  HELO: 'connection',
  STARTTLS: 'connection',
  'MAIL FROM': 'sender',
  'RCPT TO': 'recipient',
};

/** @param at the phase that was reached, for errors that do not name their command */
export function failureOf(error: unknown, at: Phase): SmtpFailure {
  const { message, code, command = '', response } = error as NodemailerError;
  const reply = readReply(response) ?? (code === 'ETIMEDOUT' ? 'silence' : 'cut');
  return new SmtpFailure(message, reply === 'cut' || reply === 'silence' ? at : phaseOf(command, code, at), reply);
}

function phaseOf(command: string, code: string | undefined, at: Phase): Phase {
  if (command.startsWith('AUTH')) return 'login';
  // Nodemailer names DATA for the command and for the content.
  if (command === 'DATA') return code === 'EMESSAGE' ? 'content' : 'data';
  return phaseOfCommand[command] ?? at;
}
