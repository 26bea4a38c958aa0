import { z } from 'zod';
import { brokers, databaseUrl, flag, host, millis, port, url } from './pieces.js';

/**
 * The variables that every service has, to be spread into its own `z.object`.
 * @param defaultPort where it listens unless `PORT` says otherwise
 */
export const serviceEnv = (defaultPort: number) => ({
  HOST: host(),
  PORT: port(defaultPort),
  DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: brokers,
  SCHEMA_REGISTRY_URL: url(),
  SCHEMA_AUTO_REGISTER: flag(false),
  TOPIC_PREFIX: z.string().default(''),
  OUTBOX_POLL_MS: millis(100),
  CALL_MAX_BACKOFF_MS: millis(10_000),
});

/** What `serviceEnv` reads. */
export type ServiceEnv = z.output<z.ZodObject<ReturnType<typeof serviceEnv>>>;
