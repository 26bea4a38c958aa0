import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Replies by command, in place of the defaults; `null` is silence. */
export type Replies = Record<string, string | null>;

export interface TinySmtpServer {
  readonly url: string;
  /** Each accepted mail: its RCPT TO commands and its lines. */
  readonly mails: { recipients: string[]; lines: string[] }[];
  readonly connections: () => number;
  close(): void;
}

const DEFAULTS: Replies = { greeting: '220 tiny', DATA: '354 go on', '.': '250 taken', QUIT: '221 bye' };

/** Just enough of RFC 5321 to observe a mailer. `replies` may be changed while it runs. */
export async function tinySmtpServer(replies: Replies = {}): Promise<TinySmtpServer> {
  const mails: TinySmtpServer['mails'] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    talk(socket, replies, (mail) => mails.push(mail));
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

function talk(
  socket: Socket,
  replies: Replies,
  taken: (mail: { recipients: string[]; lines: string[] }) => void,
): void {
  let mail: { recipients: string[]; lines: string[] } = { recipients: [], lines: [] };
  let isBody = false;
  const reply = (command: string): boolean => {
    const text = { ...DEFAULTS, ...replies }[command];
    if (text !== null) socket.write(`${text ?? '250 ok'}\r\n`);
    return text === undefined || (text !== null && /^[23]/.test(text));
  };
  const receive = (line: string): void => {
    const command = isBody ? '.' : line.slice(0, 4).toUpperCase();
    if (isBody && line !== '.') return void mail.lines.push(line);
    if (command === 'MAIL') mail = { recipients: [], lines: [] };
    if (command === 'RCPT') mail.recipients.push(line);
    const isFine = reply(command);
    if (isBody && isFine) taken(mail);
    isBody = command === 'DATA' && isFine;
  };
  createInterface({ input: socket })
    .on('line', receive)
    .on('error', () => undefined);
  reply('greeting');
}
