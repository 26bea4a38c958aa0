import type { ServiceEnv } from '@orderflow/config';

/** Where the parts that a service stands on are. */
export interface Connections {
  /** PostgreSQL URL of this service's own database. */
  readonly databaseUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly schemaRegistryUrl: string;
  /** Register schemas that are not there yet; otherwise a missing one stops the start. */
  readonly schemaAutoRegister: boolean;
  /** Before every topic and group name: several systems can share a broker. */
  readonly topicPrefix: string;
  /** How often the outbox is looked at when nothing pokes the relay. */
  readonly outboxPollMs: number;
  /** The longest pause before something outside is asked again (10 s). */
  readonly callMaxBackoffMs?: number;
}

/** From what a service read of its environment. */
export const connectionsOf = (env: Omit<ServiceEnv, 'HOST' | 'PORT'>): Connections => ({
  databaseUrl: env.DATABASE_URL,
  kafkaBrokers: env.KAFKA_BROKERS,
  schemaRegistryUrl: env.SCHEMA_REGISTRY_URL,
  schemaAutoRegister: env.SCHEMA_AUTO_REGISTER,
  topicPrefix: env.TOPIC_PREFIX,
  outboxPollMs: env.OUTBOX_POLL_MS,
  callMaxBackoffMs: env.CALL_MAX_BACKOFF_MS,
});
