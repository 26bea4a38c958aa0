import { untilReached } from '@orderflow/config';
import {
  checkSchemaVersion,
  Connection,
  Database,
  type Log,
  migrationsIn,
  patienceOf,
  systemClock,
} from '@orderflow/durable';
import { EventCodec, KafkajsBroker, kafkaSecurityOf, SchemaRegistry } from '@orderflow/kafka';
import type { Config } from '../config.js';
import { GROUP, JournalConsumer, journalTopics } from './journal-consumer.js';
import { JournalPruning } from './journal-pruning.js';
import { JournalRebuild } from './rebuild/journal-rebuild.js';

export interface Connected {
  readonly database: Database;
  readonly broker: KafkajsBroker;
  readonly codec: EventCodec;
  readonly consumer: JournalConsumer;
  readonly rebuild: JournalRebuild;
  /** Undefined where the journal keeps everything. */
  readonly pruning: JournalPruning | undefined;
}

/**
 * Connects to database, broker and registry, and checks tables and topics. Waits for as long as one of them cannot be reached.
 * @param migrations folder of the migrations that this version is written for
 * @throws StartError with one line for the operator when a table or topic is missing or differs
 */
export async function connect(config: Config, migrations: string, log: Log): Promise<Connected> {
  const { DATABASE_URL: databaseUrl, TOPIC_PREFIX: prefix } = config;
  const patience = patienceOf(log);
  const database = new Database(databaseUrl, 'console');
  const applied = await untilReached(() => database.check(), patience);
  const { host, pathname } = new URL(databaseUrl);
  checkSchemaVersion(await migrationsIn(migrations), applied, { database: host + pathname, service: 'console' });
  const broker = new KafkajsBroker({
    brokers: [...config.KAFKA_BROKERS],
    clientId: 'console',
    security: kafkaSecurityOf(config),
    partitions: config.TOPIC_PARTITIONS,
    replicas: config.TOPIC_REPLICAS,
    reachTimeoutMs: patience.withinMs,
    log: (level, message) => (level === 'debug' ? log.debug({}, message) : log.warn({}, message)),
  });
  await broker.checkTopics(journalTopics(prefix), prefix);
  const registry = new SchemaRegistry(config.SCHEMA_REGISTRY_URL);
  const codec = await EventCodec.start({ registry, autoRegister: false, patience });
  const onFatal = (error: Error) => {
    log.warn({ reason: error.message, group: GROUP }, 'the consumer has stopped for good: ending the process');
    process.exit(1);
  };
  const consumer = new JournalConsumer({ broker, codec, database, databaseUrl, prefix, onFatal });
  const rebuild = new JournalRebuild({ database, broker, codec, prefix }, databaseUrl);
  return { database, broker, codec, consumer, rebuild, pruning: pruningOf(config, log) };
}

function pruningOf({ DATABASE_URL: url, CONSOLE_JOURNAL_DAYS: days }: Config, log: Log): JournalPruning | undefined {
  if (days === undefined) return undefined;
  // Statistics may be those of an empty table.
  const connection = new Connection(url, 'console pruning', { enable_seqscan: 'off' });
  return new JournalPruning(connection, days, systemClock, log);
}
