/** `orderflow topics`: creates the missing topics and sets the compatibility rule of the schema registry. */
import { parseArgs } from 'node:util';
import { createTopics, demandFullCompatibility, SetupError } from '@orderflow/local';

export const usage = `Usage: orderflow topics

Creates the topics that are missing, and gives the others the settings that services require; each change is printed. Where
SCHEMA_REGISTRY_URL is set, the registry is configured to reject schemas that are not compatible with every released version (FULL_TRANSITIVE).

  KAFKA_BROKERS        host:port of the brokers, separated by commas
  TOPIC_PREFIX         the prefix of every topic name
  TOPIC_PARTITIONS     the partition count of every topic (6); it can only grow, and only while no event is unread
  SCHEMA_REGISTRY_URL  the schema registry`;

export async function main(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registry, TOPIC_PREFIX: prefix = '' } = process.env;
  if (!brokers) throw new SetupError('KAFKA_BROKERS is missing: set it to host:port of one or more brokers.');
  for (const change of await createTopics(brokers, prefix)) console.log(change);
  console.log('All topics exist, with the partition counts and settings that services require.');
  if (registry) {
    await demandFullCompatibility(registry);
    console.log('The schema registry requires full compatibility.');
  }
  return 0;
}
