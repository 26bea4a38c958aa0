/** `orderflow topics`: creates the missing topics, and gives the others what services require. */
import { parseArgs } from 'node:util';
import { createTopics, SetupError } from '@orderflow/local';

export const usage = `Usage: orderflow topics

Creates the topics that are missing, and gives the others the settings that services require; each change is printed.

  KAFKA_BROKERS     host:port of the brokers, separated by commas; .env.example has the settings of login and TLS
  TOPIC_PREFIX      the prefix of every topic name
  TOPIC_PARTITIONS  the partition count of every topic (6); it can only grow, and only while no event is unread
  TOPIC_REPLICAS    how many brokers keep a copy of a new topic (3, or as many as there are)`;

export async function main(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const { KAFKA_BROKERS: brokers, TOPIC_PREFIX: prefix = '' } = process.env;
  if (!brokers) throw new SetupError('KAFKA_BROKERS is missing: set it to host:port of one or more brokers.');
  for (const change of await createTopics(brokers, prefix)) console.log(change);
  console.log('All topics exist, with the partition counts and settings that services require.');
  return 0;
}
