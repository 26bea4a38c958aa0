import { z } from 'zod';
import { brokers, databaseUrl, flag, host, integer, millis, port, seconds, url } from './pieces.js';

/**
 * The variables of every service, to be spread into its own `z.object`.
 * @param defaultPort the default of `PORT`
 */
export const serviceEnv = (defaultPort: number) => ({
  HOST: host(),
  PORT: port(defaultPort),
  DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: brokers,
  SCHEMA_REGISTRY_URL: url(),
  SCHEMA_AUTO_REGISTER: flag(false),
  TOPIC_PREFIX: z.string().default(''),
  TOPIC_PARTITIONS: integer(6, { min: 1, max: 1_000 }),
  OUTBOX_POLL_MS: millis(100),
  CALL_MAX_BACKOFF_MS: millis(10_000),
  /** Refusals until an external call is a dead letter. */
  CALL_MAX_REFUSALS: integer(8, { min: 1, max: 1_000 }),
  // Supervisors of this repository send SIGKILL after 15 s.
  STOP_TIMEOUT_SECONDS: seconds(14),
});

/** The settings of `serviceEnv`. */
export type ServiceEnv = z.output<z.ZodObject<ReturnType<typeof serviceEnv>>>;
