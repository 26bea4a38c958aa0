import type { ServiceTypes } from '@orderflow/decider';
import { untilReached } from '@orderflow/config';
import { deadLettersOf, eventsOf } from '@orderflow/contracts';
import { EventCodec, KafkajsBroker, SchemaRegistry } from '@orderflow/kafka';
import { systemClock } from '../base/clock.js';
import { reasonOf } from '../base/failures.js';
import type { Log } from '../base/log.js';
import { topicsOf } from '../consumer/consumer-group.js';
import type { Connections } from '../definition/connections.js';
import type { Dependencies } from '../definition/dependencies.js';
import { type ServiceDefinition, typesOf } from '../definition/service-definition.js';
import { Database } from '../store/database.js';
import { PostgresStore } from '../store/postgres-store.js';
import { type AppliedMigrations, checkSchemaVersion, migrationsIn } from '../store/schema-version.js';

/** The real dependencies of a service. */
export interface ConnectedDependencies extends Dependencies {
  readonly store: PostgresStore;
  readonly broker: KafkajsBroker;
  readonly codec: EventCodec;
}

/**
 * Connects to database, broker and registry, and checks tables, topics and schemas. Waits for as long as one of them cannot be
 * reached: a process that ended would be restarted only to end again.
 * @throws StartError with one line for the operator when a table, topic or schema is missing or differs
 */
export async function connect<T extends ServiceTypes>(
  definition: ServiceDefinition<T>,
  connections: Connections,
  log: Log,
): Promise<ConnectedDependencies> {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl, schemaAutoRegister, topicPrefix, topicPartitions } =
    connections;
  const { service, projections = [] } = definition;
  const database = new Database(databaseUrl, service);
  const patience = { withinMs: Infinity, onWait: (reason: string) => log.warn({ reason }, 'waiting for a dependency') };
  await checkSchema(await untilReached(() => database.migrations(), patience), service, connections, log);
  const broker = new KafkajsBroker({
    brokers: [...kafkaBrokers],
    clientId: service,
    ...(topicPartitions !== undefined && { partitions: topicPartitions }),
    reachTimeoutMs: patience.withinMs,
    log: (level, message) => (level === 'debug' ? log.debug({}, message) : log.warn({}, message)),
  });
  const consumed = [definition, ...projections].flatMap(typesOf);
  // The published topics as well: a missing one would hold up everything that the relay sends.
  const published = [...topicsOf(eventsOf(service), topicPrefix), topicPrefix + deadLettersOf(service)];
  await broker.checkTopics([...new Set([...topicsOf(consumed, topicPrefix), ...published])], topicPrefix);
  const registry = new SchemaRegistry(schemaRegistryUrl);
  const codec = await EventCodec.start({ registry, service, autoRegister: schemaAutoRegister, patience });
  const store = new PostgresStore(database, databaseUrl);
  return { store, broker, codec, clock: systemClock, log, settings: connections, onFatal: (error) => die(log, error) };
}

async function checkSchema(
  applied: AppliedMigrations,
  service: string,
  { databaseUrl, migrations }: Connections,
  log: Log,
): Promise<void> {
  const { host, pathname } = new URL(databaseUrl);
  const newer = checkSchemaVersion(await migrationsIn(migrations), applied, { database: host + pathname, service });
  if (newer.length > 0) log.info({ migrations: newer }, 'the database is newer than this version, which may run on it');
}

/** A process without its consumer would look healthy and do nothing. */
function die(log: Log, error: Error): void {
  log.warn({ reason: reasonOf(error) }, 'the consumer has stopped for good: ending the process');
  process.exit(1);
}
