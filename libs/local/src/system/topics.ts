/**
 * Creates what is missing of the topics in contracts, then checks the partition count of all.
 * @param kafkaBrokers `host:port`, several separated by commas
 * @param prefix before every topic's name
 * @throws KafkaSetupError (of libs/kafka) with one line when no broker answers, or a topic has another partition count
 */
export async function createTopics(kafkaBrokers: string, prefix: string): Promise<void> {
  // Loaded only here: who wants no more than a PostgreSQL need not wait for Nest and kafkajs.
  const { KafkajsBroker } = await import('@orderflow/kafka');
  const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'topics' });
  try {
    await broker.ensureTopics(prefix);
  } finally {
    await broker.disconnect();
  }
}
