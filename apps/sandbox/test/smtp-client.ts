import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Sends one mail over a connection of its own and answers with the reply codes in order, the last one first to refuse
 * (4xx, 5xx) or the one to the mail itself.
 */
export async function sendMail(port: number, message: string): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const heard: number[] = [];
  const reply = async (): Promise<number> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return 0;
      // A hyphen after the code says that more lines follow.
      if (value[3] !== '-') return Number(value.slice(0, 3));
    }
  };
  const data = `${message.replaceAll(/^\./gm, '..')}\r\n.`;
  for (const say of ['', 'EHLO test', 'MAIL FROM:<shop@example.com>', 'RCPT TO:<jane@example.com>', 'DATA', data]) {
    if (say !== '') socket.write(`${say}\r\n`);
    heard.push(await reply());
    if (heard.at(-1)! >= 400) break;
  }
  socket.destroy();
  return heard;
}
