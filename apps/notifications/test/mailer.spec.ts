import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Mailer } from '../src/adapters/mailer.js';
import { type Replies, type TinySmtpServer, tinySmtpServer } from './tiny-smtp-server.js';

const never = new AbortController().signal;
const facts = { amountMinor: 1900, currency: 'EUR' };

let server: TinySmtpServer;
let mailer: Mailer;

async function start(replies: Replies = {}): Promise<void> {
  server = await tinySmtpServer(replies);
  mailer = new Mailer(server.url, 'Orderflow <orders@orderflow.example>');
}
afterEach(() => {
  mailer.onApplicationShutdown();
  server.close();
});

const callFor = (orderId: string, to = 'ada@example.com') => ({
  key: `order-confirmed-${orderId}`,
  kind: 'mail',
  subject: orderId,
  request: { template: 'order-confirmed', to, facts },
});

/** RFC 5322, 2.2.3: a folded header continues in the next line after a blank. */
const unfolded = (lines: string[]): string[] => lines.join('\n').replaceAll('\n ', ' ').split('\n');

describe('the mailer', () => {
  it('sends one mail with a Message-ID of its own', async () => {
    await start();
    const orderId = randomUUID();
    const answer = await mailer.mail(callFor(orderId), never);
    const messageId = `<order-confirmed.${orderId}@orderflow.example>`;
    expect(answer).toMatchObject({ type: 'RecordAccepted', orderId, template: 'order-confirmed', messageId });
    expect(server.mails[0]?.recipients).toEqual(['RCPT TO:<ada@example.com>']);
    expect(unfolded(server.mails[0]!.lines)).toEqual(
      expect.arrayContaining([
        'From: Orderflow <orders@orderflow.example>',
        'To: ada@example.com',
        'Subject: Your order is confirmed',
        `X-Order-ID: ${orderId}`,
        'X-Template: order-confirmed',
        `Message-ID: ${messageId}`,
      ]),
    );
  });

  it('uses the same Message-ID when it is called again', async () => {
    await start();
    const orderId = randomUUID();
    const [first, second] = [await mailer.mail(callFor(orderId), never), await mailer.mail(callFor(orderId), never)];
    expect(second).toMatchObject({ messageId: (first as { messageId: string }).messageId });
    expect(server.connections()).toBe(1);
  });

  it.each(['RCPT', 'DATA', '.'])('takes a permanent refusal of %s as an answer', async (command) => {
    await start({ [command]: '550 no such user' });
    expect(await mailer.mail(callFor(randomUUID()), never)).toMatchObject({
      type: 'RecordRefused',
      reason: '550 no such user',
    });
  });

  it.each([
    ['greeting', '554 no service'],
    ['MAIL', '550 sender refused'],
    ['RCPT', '451 later'],
    ['.', '452 full'],
  ])('leaves %s %s to a retry', async (command, reply) => {
    const replies: Replies = { [command]: reply };
    await start(replies);
    const call = callFor(randomUUID());
    await expect(mailer.mail(call, never)).rejects.toThrow(reply);
    delete replies[command];
    expect(await mailer.mail(call, never)).toMatchObject({ type: 'RecordAccepted' });
    expect(server.mails).toHaveLength(1);
  });

  it.each(['ada@example.com\r\nBcc: eve@example.com', 'ada@example.com, eve@example.com', 'ada', 'a b@example.com'])(
    'refuses %j, which is not one address',
    async (to) => {
      await start();
      expect(await mailer.mail(callFor(randomUUID(), to), never)).toMatchObject({ type: 'RecordRefused' });
      expect(server.connections()).toBe(0);
    },
  );

  it('keeps nothing of an aborted mail', async () => {
    const replies: Replies = { MAIL: null };
    await start(replies);
    const mail = mailer.mail(callFor(randomUUID()), AbortSignal.timeout(200));
    await expect(mail).rejects.toThrow('aborted');
    delete replies['MAIL'];
    await mailer.mail(callFor(randomUUID()), never);
    expect(server.mails).toHaveLength(1);
  });

  it('rejects while the mail server is unreachable', async () => {
    await start();
    server.close();
    await expect(mailer.mail(callFor(randomUUID()), never)).rejects.toThrow(/ECONNREFUSED/);
  });
});
