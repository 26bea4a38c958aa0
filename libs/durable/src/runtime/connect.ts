import type { ServiceTypes } from '@orderflow/decider';
import { type Patience, untilReached } from '@orderflow/config';
import { deadLettersOf, eventsOf } from '@orderflow/contracts';
import { shellVariablesLine } from '@orderflow/postgres';
import { EventCodec, KafkajsBroker, RememberedRegistry, SchemaRegistry } from '@orderflow/kafka';
import { systemClock } from '../base/clock.js';
import { reasonOf } from '../base/failures.js';
import type { Log } from '../base/log.js';
import { topicsOf } from '../consumer/consumer-group.js';
import type { Connections } from '../definition/connections.js';
import { OwnLogs } from '../outbox/own-logs.js';
import { PublishedOffsets } from '../outbox/published-offsets.js';
import type { Dependencies } from '../definition/dependencies.js';
import { type ServiceDefinition, typesOf } from '../definition/service-definition.js';
import { Database } from '../store/database.js';
import { PostgresStore } from '../store/postgres-store.js';
import { StoredRegistryAnswers } from '../store/registry-answers.js';
import { type AppliedMigrations, checkSchemaVersion, migrationsIn } from '../store/schema-version.js';

/** The real dependencies of a service. */
export interface ConnectedDependencies extends Dependencies {
  readonly store: PostgresStore;
  readonly broker: KafkajsBroker;
  readonly codec: EventCodec;
}

/**
 * Connects to database, broker and registry, and checks tables, topics and schemas. Waits for as long as one of them cannot be
 * reached: a process that ended would be restarted only to end again. Of a registry the answers to earlier starts are enough.
 * @throws StartError with one line for the operator when a table, topic or schema is missing or differs
 */
export async function connect<T extends ServiceTypes>(
  definition: ServiceDefinition<T>,
  connections: Connections,
  log: Log,
): Promise<ConnectedDependencies> {
  const { databaseUrl, kafkaBrokers, schemaRegistryUrl, schemaAutoRegister, topicPrefix } = connections;
  const { service, projections = [] } = definition;
  const database = new Database(databaseUrl, service);
  const ignored = shellVariablesLine();
  if (ignored !== undefined) log.warn({}, ignored);
  const patience = patienceOf(log);
  await checkSchema(await untilReached(() => database.check(), patience), service, connections, log);
  const broker = new KafkajsBroker({
    brokers: [...kafkaBrokers],
    clientId: service,
    ...(connections.kafkaSecurity && { security: connections.kafkaSecurity }),
    ...(connections.topicPartitions !== undefined && { partitions: connections.topicPartitions }),
    ...(connections.topicReplicas !== undefined && { replicas: connections.topicReplicas }),
    reachTimeoutMs: patience.withinMs,
    log: (level, message) => (level === 'debug' ? log.debug({}, message) : log.warn({}, message)),
  });
  const consumed = [definition, ...projections].flatMap(typesOf);
  // The published topics as well: a missing one would hold up everything that the relay sends.
  const topics = topicsOf(eventsOf(service), topicPrefix);
  const published = [...topics, topicPrefix + deadLettersOf(service)];
  await broker.checkTopics([...new Set([...topicsOf(consumed, topicPrefix), ...published])], topicPrefix);
  const answers = new StoredRegistryAnswers(database, schemaRegistryUrl);
  const registry = new RememberedRegistry(new SchemaRegistry(schemaRegistryUrl), answers, (reason) =>
    log.warn({ reason }, 'the schema registry is away: what it has answered before is used'),
  );
  const startCodec = () => EventCodec.start({ registry, service, autoRegister: schemaAutoRegister, patience });
  const codec = await untilReached(() => database.starting(startCodec), patience);
  const store = new PostgresStore(database, databaseUrl);
  const table = new PublishedOffsets(database);
  const ownLogs = new OwnLogs({ service, topics, broker, table, clock: systemClock, log });
  const onFatal = (error: Error) => die(log, error);
  return { store, broker, ownLogs, codec, clock: systemClock, log, settings: connections, onFatal };
}

/** A service waits for its dependencies for as long as it takes, and says which one it waits for. */
export const patienceOf = (log: Pick<Log, 'warn'>): Patience => ({
  withinMs: Infinity,
  onWait: (reason) => log.warn({ reason }, 'waiting for a dependency'),
});

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
