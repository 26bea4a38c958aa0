import type { ServiceEnv } from '@orderflow/config';
import { type KafkaSecurity, kafkaSecurityOf } from '@orderflow/kafka';

/** The addresses and settings that a service reads from its environment. */
export interface Connections {
  /** PostgreSQL URL of this service's own database. */
  readonly databaseUrl: string;
  /** Folder of the migrations that this version of the service is written for. */
  readonly migrations: string;
  readonly kafkaBrokers: readonly string[];
  /** By default neither TLS nor a login. */
  readonly kafkaSecurity?: KafkaSecurity;
  readonly schemaRegistryUrl: string;
  /** Register missing schemas; otherwise a missing one stops the start. */
  readonly schemaAutoRegister: boolean;
  /** Before every topic and group name: several systems can share a broker. */
  readonly topicPrefix: string;
  /** The partition count that every topic must have (6). */
  readonly topicPartitions?: number;
  /** How many brokers keep a copy of every topic (3), where there are so many. */
  readonly topicReplicas?: number;
  /** How often the relay polls the outbox when nothing pokes it. */
  readonly outboxPollMs: number;
  /** The longest pause before an external call is repeated (10 s). */
  readonly callMaxBackoffMs?: number;
  /** With so many refusals an external call is a dead letter (8). */
  readonly callMaxRefusals?: number;
  /** How long a stop waits for external calls that cannot be given up (10 s). */
  readonly callStopMs?: number;
}

/**
 * From the environment as `serviceEnv` of libs/config parsed it.
 * @param migrations folder of the service's migrations
 * @throws StartError with one line when settings contradict each other
 */
export const connectionsOf = (env: Omit<ServiceEnv, 'HOST' | 'PORT'>, migrations: string): Connections => ({
  databaseUrl: env.DATABASE_URL,
  migrations,
  kafkaBrokers: env.KAFKA_BROKERS,
  kafkaSecurity: kafkaSecurityOf(env),
  schemaRegistryUrl: env.SCHEMA_REGISTRY_URL,
  schemaAutoRegister: env.SCHEMA_AUTO_REGISTER,
  topicPrefix: env.TOPIC_PREFIX,
  topicPartitions: env.TOPIC_PARTITIONS,
  topicReplicas: env.TOPIC_REPLICAS,
  outboxPollMs: env.OUTBOX_POLL_MS,
  callMaxBackoffMs: env.CALL_MAX_BACKOFF_MS,
  callMaxRefusals: env.CALL_MAX_REFUSALS,
  // The rest is for everything else that a stop does.
  callStopMs: env.STOP_TIMEOUT_SECONDS * 750,
});
