import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Sends one mail over a connection of its own. @returns the reply codes in order, up to the first refusal (4xx, 5xx) or
 * the reply to the mail itself
 */
export async function sendMail(port: number, message: string): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const replies: number[] = [];
  const reply = async (): Promise<number> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return 0;
      // A hyphen after the code means that more lines follow.
      if (value[3] !== '-') return Number(value.slice(0, 3));
    }
  };
  const data = `${message.replaceAll(/^\./gm, '..')}\r\n.`;
  for (const command of ['', 'EHLO test', 'MAIL FROM:<shop@example.com>', 'RCPT TO:<jane@example.com>', 'DATA', data]) {
    if (command !== '') socket.write(`${command}\r\n`);
    replies.push(await reply());
    if (replies.at(-1)! >= 400) break;
  }
  socket.destroy();
  return replies;
}
