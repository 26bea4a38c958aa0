import { describe, expect, it } from '@jest/globals';
import { readMail } from './read-mail.js';

const mail = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));

describe('readMail', () => {
  it('reads recipient, content, order and template', async () => {
    const raw = mail(
      'From: shop@example.com',
      'To: Jane <jane@example.com>',
      'Subject: =?utf-8?Q?Best=C3=A4tigt?=',
      'Message-ID: <o-1.order-confirmed@orderflow>',
      'X-Order-Id: o-1',
      'X-Template: order-confirmed',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Thank you.',
      '',
    );
    expect(await readMail(raw, ['other@example.com'])).toEqual({
      messageId: '<o-1.order-confirmed@orderflow>',
      orderId: 'o-1',
      template: 'order-confirmed',
      to: 'jane@example.com',
      subject: 'Bestätigt',
      text: 'Thank you.\n',
    });
  });

  it('recognises a resend without Message-ID by its bytes, and falls back to the envelope without a To', async () => {
    const raw = mail('Subject: hello', '', 'text');
    const read = await readMail(raw, ['jane@example.com']);
    expect(read).toMatchObject({ to: 'jane@example.com', orderId: null, template: null });
    expect((await readMail(raw, [])).messageId).toBe(read.messageId);
    expect((await readMail(mail('Subject: hello', '', 'other'), [])).messageId).not.toBe(read.messageId);
  });

  it('drops NUL, which Postgres cannot store', async () => {
    expect((await readMail(mail('Subject: a\0b', '', 'x\0y'), [])).text).toBe('xy\n');
  });
});
