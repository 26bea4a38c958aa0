/**
 * Creates the topics that are missing and checks the partition counts of all:  node tools/topics.ts
 * KAFKA_BROKERS names the brokers; TOPIC_PREFIX stands before every topic's name.
 */
import { createTopics, reasonOf, SetupError } from '@orderflow/embedded';

try {
  const { KAFKA_BROKERS: brokers, TOPIC_PREFIX: prefix = '' } = process.env;
  if (!brokers) throw new SetupError('KAFKA_BROKERS is missing: set it to host:port of one or more brokers.');
  await createTopics(brokers, prefix);
  console.log('All topics are there.');
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
