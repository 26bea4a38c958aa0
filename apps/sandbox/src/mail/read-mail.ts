import { createHash } from 'node:crypto';
import PostalMime from 'postal-mime';
import type { Mail } from './mailbox.js';

/**
 * Reads an RFC 5322 message. Order and template come from the headers X-Order-Id and X-Template.
 * A message without Message-ID gets one made from its bytes, so that a resend is still recognised.
 *
 * @param recipients the addresses of RCPT TO, for a message without a To header
 */
export async function readMail(raw: Buffer, recipients: readonly string[]): Promise<Mail> {
  const mail = await PostalMime.parse(raw);
  const header = (name: string): string | null => mail.headers.find(({ key }) => key === name)?.value.trim() || null;
  const to = mail.to?.map(({ address }) => address).filter((address) => address !== undefined);
  return {
    messageId: storable(mail.messageId ?? `<${createHash('sha256').update(raw).digest('hex')}@sandbox>`, 998),
    orderId: optional(header('x-order-id'), 64),
    template: optional(header('x-template'), 64),
    to: storable((to?.length ? to : recipients).join(', '), 998),
    subject: storable(mail.subject ?? '', 998),
    text: storable(mail.text ?? '', 65_536),
  };
}

// Postgres cannot store NUL.
const storable = (text: string, max: number): string => text.replaceAll('\0', '').slice(0, max);

const optional = (text: string | null, max: number): string | null => (text === null ? null : storable(text, max));
