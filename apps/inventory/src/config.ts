import { brokers, databaseUrl, flag, host, millis, parseConfig, port, url } from '@orderflow/config';
import { z } from 'zod';

const schema = z.object({
  HOST: host(),
  PORT: port(3002),
  DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: brokers,
  SCHEMA_REGISTRY_URL: url(),
  SCHEMA_AUTO_REGISTER: flag(false),
  TOPIC_PREFIX: z.string().default(''),
  OUTBOX_POLL_MS: millis(100),
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
