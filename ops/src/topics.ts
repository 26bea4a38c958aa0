/** `orderflow topics`: creates the missing topics and sets the compatibility rule of the schema registry. */
import { parseArgs } from 'node:util';
import { createTopics, demandFullCompatibility, SetupError } from '@orderflow/local';

export const usage = `Usage: orderflow topics

Creates the topics that are missing and checks the partition counts of all of them. Where SCHEMA_REGISTRY_URL is set, the
registry is configured to reject schemas that are not compatible with every released version (FULL_TRANSITIVE).

  KAFKA_BROKERS        host:port of the brokers, separated by commas
  TOPIC_PREFIX         the prefix of every topic name
  SCHEMA_REGISTRY_URL  the schema registry`;

export async function main(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registry, TOPIC_PREFIX: prefix = '' } = process.env;
  if (!brokers) throw new SetupError('KAFKA_BROKERS is missing: set it to host:port of one or more brokers.');
  await createTopics(brokers, prefix);
  console.log('All topics exist, with the expected partition counts.');
  if (registry) {
    await demandFullCompatibility(registry);
    console.log('The schema registry requires full compatibility.');
  }
  return 0;
}
