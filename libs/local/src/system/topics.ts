import { type AclChanges, aclsOf, kafkaRights } from '@orderflow/contracts';
import type { KafkaSecurity } from '@orderflow/kafka';

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

/**
 * Makes the brokers' access control list what the saga asks for.
 * @param security of a user that may alter it, by default that of KAFKA_SASL_USERNAME, KAFKA_TLS and the like
 * @throws KafkaSetupError with one line when no broker answers, or the brokers keep no such list
 */
export async function allowPrograms(
  kafkaBrokers: string,
  prefix: string,
  security?: KafkaSecurity,
): Promise<AclChanges> {
  const { KafkajsBroker, kafkaSecurityFrom } = await import('@orderflow/kafka');
  const broker = new KafkajsBroker({
    brokers: kafkaBrokers.split(','),
    clientId: 'acls',
    security: security ?? kafkaSecurityFrom(),
  });
  try {
    return await broker.setAcls(aclsOf(kafkaRights, prefix), prefix);
  } finally {
    await broker.disconnect();
  }
}
