import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** The text of a reply; `null` is silence, and `cut` ends the connection. */
type Reply = string | null;
export const CUT = 'cut';

/** Replies by command, in place of the defaults; a function gets the whole line, and may take its time. */
export type Replies = Record<string, Reply | ((line: string) => Reply | undefined | Promise<Reply | undefined>)>;

interface Mail {
  recipients: string[];
  lines: string[];
}

export interface TinySmtpServer {
  readonly url: string;
  /** Each accepted mail: its RCPT TO commands and its lines. */
  readonly mails: Mail[];
  readonly connections: () => number;
  close(): void;
}

const DEFAULTS: Replies = {
  greeting: '220 tiny',
  DATA: '354 go on',
  nobody: '554 5.5.1 no recipient',
  '.': '250 taken',
  QUIT: '221 bye',
};

/** Just enough of RFC 5321 to observe a mailer. `replies` may be changed while it runs. */
export async function tinySmtpServer(replies: Replies = {}): Promise<TinySmtpServer> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    // A mailer that cuts the connection: `close` follows.
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    void talk(socket, replies, mails);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    connections: () => connections,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function talk(socket: Socket, replies: Replies, mails: Mail[]): Promise<void> {
  let mail: Mail = { recipients: [], lines: [] };
  let isBody = false;
  /** @returns whether the command was accepted */
  const reply = async (command: string, line: string): Promise<boolean> => {
    const given = { ...DEFAULTS, ...replies }[command];
    const text = (typeof given === 'function' ? await given(line) : given) ?? (given === null ? null : '250 ok');
    if (text === CUT) socket.destroy();
    else if (text !== null) socket.write(`${text}\r\n`);
    return text !== null && /^[23]/.test(text);
  };
  await reply('greeting', '');
  // One after the other: pipelined commands are answered in their order.
  for await (const line of createInterface({ input: socket })) {
    const command: string = isBody ? '.' : line.slice(0, 4).toUpperCase();
    if (isBody && line !== '.') {
      mail.lines.push(line);
      continue;
    }
    if (command === 'MAIL') mail = { recipients: [], lines: [] };
    const hasNobody = command === 'DATA' && mail.recipients.length === 0;
    const isFine = await reply(hasNobody ? 'nobody' : command, line);
    if (command === 'RCPT' && isFine) mail.recipients.push(line);
    if (isBody && isFine) mails.push(mail);
    isBody = command === 'DATA' && isFine;
  }
}
