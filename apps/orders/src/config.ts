import { brokers, databaseUrl, flag, host, millis, parseConfig, port, seconds, url } from '@orderflow/config';
import { z } from 'zod';

const schema = z.object({
  PORT: port(3001),
  HOST: host(),
  DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: brokers,
  SCHEMA_REGISTRY_URL: url(),
  SCHEMA_AUTO_REGISTER: flag(false),
  TOPIC_PREFIX: z.string().default(''),
  OUTBOX_POLL_MS: millis(100),
  ORDER_DEADLINE_SECONDS: seconds(60),
});

export type Config = z.output<typeof schema>;

/** LOG_LEVEL is read by the logger itself. */
export const readConfig = (): Config => parseConfig(schema);
