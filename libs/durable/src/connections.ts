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
}
