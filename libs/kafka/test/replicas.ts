import { asOperator } from './topic-config.ts';

/** How many brokers the cluster consists of, as each of them has learned. */
export async function brokersIn(brokers: readonly string[]): Promise<number> {
  const answers = await Promise.all(
    brokers.map(async (broker) =>
      asOperator([broker], async (admin) => (await admin.describeCluster()).brokers.length),
    ),
  );
  return Math.min(...answers);
}

/** Whether every replica of every partition is in sync. */
export async function isInSync(brokers: readonly string[]): Promise<boolean> {
  const { topics } = await asOperator(brokers, async (admin) => admin.fetchTopicMetadata());
  return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
}
