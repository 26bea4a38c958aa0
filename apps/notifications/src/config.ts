import { integer, parseConfig, seconds, serviceEnv, url } from '@orderflow/config';
import { z } from 'zod';
import { type Mailbox, readMailbox } from './adapters/smtp/mailbox.js';

const mailboxRule = 'must be one mailbox; for example Orderflow <orders@example.com>';

const mailbox = z.string().transform((text, context): Mailbox => {
  const read = readMailbox(text);
  if (read) return read;
  context.addIssue({ code: 'custom', message: mailboxRule });
  return z.NEVER;
});

const schema = z.object({
  ...serviceEnv(3004),
  SMTP_URL: url('smtp://127.0.0.1:3025', ['smtp:', 'smtps:']),
  MAIL_FROM: z.string().default('Orderflow <orders@orderflow.example>').pipe(mailbox),
  /** How many mails are sent at a time. */
  MAIL_CONNECTIONS: integer(8, { min: 1, max: 100 }),
  /** RFC 5321, 4.5.4.1: at least 30 minutes between attempts, at least 4 to 5 days until a mail is given up. */
  MAIL_RETRY_SECONDS: seconds(1_800),
  /** A mail that waits for an operator is sent again after this time. */
  MAIL_OPERATOR_SECONDS: seconds(300),
  MAIL_GIVE_UP_HOURS: integer(120, { min: 1, max: 1_000 }),
  MAIL_UNCERTAIN_SECONDS: seconds(300),
  /** RFC 5321, 4.5.3.2.6: the longest of its waits. */
  MAIL_REPLY_SECONDS: seconds(600),
});

export type Config = z.output<typeof schema>;

/** @throws StartError for an invalid environment */
export const readConfig = (env?: Record<string, string | undefined>): Config => parseConfig(schema, env);
