/**
 * Creates the topics that are missing and checks the partition counts of all:  node ops/src/topics.ts
 * KAFKA_BROKERS names the brokers; TOPIC_PREFIX stands before every topic's name. Where SCHEMA_REGISTRY_URL is set, that
 * registry is told to refuse schemas that old readers could not read.
 */
import { createTopics, demandFullCompatibility, reasonOf, SetupError } from '@orderflow/local';

try {
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registry, TOPIC_PREFIX: prefix = '' } = process.env;
  if (!brokers) throw new SetupError('KAFKA_BROKERS is missing: set it to host:port of one or more brokers.');
  await createTopics(brokers, prefix);
  console.log('All topics are there.');
  if (registry) {
    await demandFullCompatibility(registry);
    console.log('The registry demands full compatibility.');
  }
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
