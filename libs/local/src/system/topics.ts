/**
 * Creates the missing topics of contracts, then checks the partition count of all.
 * @param kafkaBrokers `host:port`, several separated by commas
 * @param prefix of every topic name
 * @throws KafkaSetupError with one line when no broker answers, or a partition count differs
 */
export async function createTopics(kafkaBrokers: string, prefix: string): Promise<void> {
  // Loaded lazily: programs that only need PostgreSQL need not load Nest and kafkajs.
  const { KafkajsBroker } = await import('@orderflow/kafka');
  const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'topics' });
  try {
    await broker.ensureTopics(prefix);
  } finally {
    await broker.disconnect();
  }
}
