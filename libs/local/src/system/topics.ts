import { aclsOf, type EventType, eventSchemas, type KafkaAcl, kafkaRights } from '@orderflow/contracts';
import type { AppliedAcls, KafkaSecurity } from '@orderflow/kafka';
import { registryAcls } from '../infrastructure/registry-properties.js';

// A registry that has just started stores its first schemas slowly.
const REACH_MS = 120_000;

/**
 * Creates the missing topics of contracts, and brings the others to the partition count and settings that services require.
 * @param kafkaBrokers `host:port`, several separated by commas
 * @param prefix of every topic name
 * @param security by default that of KAFKA_SASL_USERNAME, KAFKA_TLS and the like
 * @returns a line for each change of a topic that was there, and for each one that has too few replicas
 * @throws KafkaSetupError with one line when no broker answers, or a topic cannot be changed
 */
export async function createTopics(kafkaBrokers: string, prefix: string, security?: KafkaSecurity): Promise<string[]> {
  // Loaded lazily: programs that only need PostgreSQL need not load Nest and kafkajs.
  const { KafkajsBroker, kafkaSecurityFrom } = await import('@orderflow/kafka');
  const { TOPIC_PARTITIONS: partitions, TOPIC_REPLICAS: replicas } = process.env;
  const broker = new KafkajsBroker({
    brokers: kafkaBrokers.split(','),
    clientId: 'topics',
    security: security ?? kafkaSecurityFrom(),
    ...(partitions && { partitions: Number(partitions) }),
    ...(replicas && { replicas: Number(replicas) }),
  });
  try {
    return await broker.ensureTopics(prefix);
  } finally {
    await broker.disconnect();
  }
}

/** Makes the brokers' access control list what the saga asks for. @param security of a user that may alter it */
export async function allowPrograms(
  kafkaBrokers: string,
  prefix: string,
  security: KafkaSecurity,
): Promise<AppliedAcls> {
  return setAcls(kafkaBrokers, security, aclsOf(kafkaRights, prefix), prefix);
}

/** Lets the user `registry` use the topics in which the embedded registry keeps its schemas, and no others. */
export const allowRegistry = async (kafkaBrokers: string, security: KafkaSecurity): Promise<AppliedAcls> =>
  setAcls(kafkaBrokers, security, registryAcls, '');

async function setAcls(
  kafkaBrokers: string,
  security: KafkaSecurity,
  acls: readonly KafkaAcl[],
  prefix: string,
): Promise<AppliedAcls> {
  // Loaded lazily: programs that only need PostgreSQL need not load Nest and kafkajs.
  const { KafkajsBroker } = await import('@orderflow/kafka');
  const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'acls', security });
  try {
    return await broker.setAcls(acls, prefix);
  } finally {
    await broker.disconnect();
  }
}

/** Registers the schemas of all events. @throws RegistrySetupError with one line */
export async function registerSchemas(schemaRegistryUrl: string): Promise<void> {
  const { resolveSchemas, SchemaRegistry } = await import('@orderflow/kafka');
  const types = Object.keys(eventSchemas) as EventType[];
  await resolveSchemas(new SchemaRegistry(schemaRegistryUrl), types, true, { withinMs: REACH_MS });
}
