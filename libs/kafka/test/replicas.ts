import type { Admin } from 'kafkajs';
import type { KafkaSecurity } from '@orderflow/kafka';
import { asOperator } from './topic-config.ts';

/** How many brokers the cluster consists of, as each of them has learned. */
export async function brokersIn(brokers: readonly string[], security?: KafkaSecurity): Promise<number> {
  const count = async (admin: Admin) => (await admin.describeCluster()).brokers.length;
  const answers = await Promise.all(brokers.map(async (broker) => asOperator([broker], count, security)));
  return Math.min(...answers);
}

/** Whether every replica of every partition is in sync. */
export async function isInSync(brokers: readonly string[], security?: KafkaSecurity): Promise<boolean> {
  const { topics } = await asOperator(brokers, async (admin) => admin.fetchTopicMetadata(), security);
  return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
}
