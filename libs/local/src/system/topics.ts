/**
 * Creates the missing topics of contracts, and brings the others to the partition count and settings that services require.
 * @param kafkaBrokers `host:port`, several separated by commas
 * @param prefix of every topic name
 * @returns a line for each change of a topic that was there, and for each one that has too few replicas
 * @throws KafkaSetupError with one line when no broker answers, or a topic cannot be changed
 */
export async function createTopics(kafkaBrokers: string, prefix: string): Promise<string[]> {
  // Loaded lazily: programs that only need PostgreSQL need not load Nest and kafkajs.
  const { KafkajsBroker } = await import('@orderflow/kafka');
  const { TOPIC_PARTITIONS: partitions, TOPIC_REPLICAS: replicas } = process.env;
  const broker = new KafkajsBroker({
    brokers: kafkaBrokers.split(','),
    clientId: 'topics',
    ...(partitions && { partitions: Number(partitions) }),
    ...(replicas && { replicas: Number(replicas) }),
  });
  try {
    return await broker.ensureTopics(prefix);
  } finally {
    await broker.disconnect();
  }
}
