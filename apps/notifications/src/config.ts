import { brokers, databaseUrl, flag, host, millis, parseConfig, port, url } from '@orderflow/config';
import { z } from 'zod';

const smtpUrl = z
  .string()
  .refine((text) => URL.canParse(text) && ['smtp:', 'smtps:'].includes(new URL(text).protocol), {
    error: 'must be a URL that begins with smtp:// or smtps://; for example smtp://127.0.0.1:3025',
  });

const schema = z.object({
  HOST: host(),
  PORT: port(3004),
  DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: brokers,
  SCHEMA_REGISTRY_URL: url(),
  SCHEMA_AUTO_REGISTER: flag(false),
  TOPIC_PREFIX: z.string().default(''),
  OUTBOX_POLL_MS: millis(100),
  SMTP_URL: smtpUrl.default('smtp://127.0.0.1:3025'),
  MAIL_FROM: z.string().default('Orderflow <orders@orderflow.example>'),
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
