import { z } from 'zod';
import {
  addresses,
  brokers,
  databaseUrl,
  flag,
  host,
  integer,
  millis,
  oneOf,
  origins,
  port,
  seconds,
  url,
} from './pieces.js';

const word = (allowed: readonly string[]) => ({ error: `must be ${allowed.join(' or ')}; for example ${allowed[0]}` });

/** How a program knows its callers: libs/auth says which of these go together. */
const authEnv = {
  /** `off`: every caller may do everything. `on` says that a key set is given. */
  AUTH: z.enum(['off', 'on'], word(['off', 'on'])).optional(),
  /** The key set of an identity provider, by URL or as a file (RFC 7517). */
  AUTH_JWKS_URL: url().optional(),
  AUTH_JWKS_FILE: z.string().optional(),
  /** The claims `iss` and `aud` of every token. */
  AUTH_ISSUER: z.string().default('orderflow'),
  AUTH_AUDIENCE: z.string().default('orderflow'),
  /** Whether a program in production takes the keys that `npm start` and compose make for themselves. */
  AUTH_DEVELOPMENT_KEY: z.enum(['allowed'], word(['allowed'])).optional(),
  NODE_ENV: z.string().optional(),
};

export type AuthEnv = z.output<z.ZodObject<typeof authEnv>>;

/** The variables of every program that answers requests, to be spread into its `z.object`. */
export const edgeEnv = {
  /** Requests of one caller that are answered in a second. */
  RATE_LIMIT_PER_SECOND: integer(1_000, { min: 1, max: 1_000_000 }),
  /** Proxies whose `X-Forwarded-For` names the caller. */
  TRUSTED_PROXIES: addresses,
  ...authEnv,
};

/** The variable of a program that pages of other origins may read, beside those of `edgeEnv`. */
export const corsEnv = { CORS_ORIGINS: origins };

type EdgeEnv = z.output<z.ZodObject<typeof edgeEnv>> & Partial<z.output<z.ZodObject<typeof corsEnv>>>;

/** The settings of `edgeEnv` and `corsEnv` as libs/http takes them. */
export const edgeOf = ({
  RATE_LIMIT_PER_SECOND,
  TRUSTED_PROXIES,
  CORS_ORIGINS = [],
}: Pick<EdgeEnv, 'RATE_LIMIT_PER_SECOND' | 'TRUSTED_PROXIES' | 'CORS_ORIGINS'>) => ({
  requestsPerSecond: RATE_LIMIT_PER_SECOND,
  trustedProxies: TRUSTED_PROXIES,
  allowedOrigins: CORS_ORIGINS,
});

const mechanisms = ['scram-sha-512', 'scram-sha-256', 'plain'] as const;

/** How a program logs in at Kafka: libs/kafka says which of these go together. */
export const kafkaEnv = {
  /** Whether the brokers are reached by TLS, and their certificates and names checked. */
  KAFKA_TLS: flag(false),
  /** Certificates of the authorities that are trusted, PEM; without it those of Node.js. */
  KAFKA_TLS_CA_FILE: z.string().optional(),
  // In capitals, as Kafka's own clients have it.
  KAFKA_SASL_MECHANISM: z.preprocess(
    (text) => (typeof text === 'string' ? text.toLowerCase() : text),
    oneOf(mechanisms, 'scram-sha-512'),
  ) as z.ZodType<(typeof mechanisms)[number], string | undefined>,
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
};

export type KafkaEnv = z.output<z.ZodObject<typeof kafkaEnv>>;

/**
 * The variables of every service, to be spread into its own `z.object`.
 * @param defaultPort the default of `PORT`
 */
export const serviceEnv = (defaultPort: number) => ({
  HOST: host(),
  PORT: port(defaultPort),
  ...edgeEnv,
  DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: brokers,
  ...kafkaEnv,
  SCHEMA_REGISTRY_URL: url(),
  SCHEMA_AUTO_REGISTER: flag(false),
  TOPIC_PREFIX: z.string().default(''),
  TOPIC_PARTITIONS: integer(6, { min: 1, max: 1_000 }),
  TOPIC_REPLICAS: integer(3, { min: 1, max: 100 }),
  OUTBOX_POLL_MS: millis(100),
  CALL_MAX_BACKOFF_MS: millis(10_000),
  /** Refusals until an external call is a dead letter. */
  CALL_MAX_REFUSALS: integer(8, { min: 1, max: 1_000 }),
  // Supervisors of this repository send SIGKILL after 15 s.
  STOP_TIMEOUT_SECONDS: seconds(14),
});

/** The settings of `serviceEnv`. */
export type ServiceEnv = z.output<z.ZodObject<ReturnType<typeof serviceEnv>>>;
