import { type Admin, Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaSecurity } from '@orderflow/kafka';

const TOPIC = 2;
const OF_TOPIC = 1;

/** Changes settings of topics as an operator would; their other settings stay. @throws Error when the broker does not answer */
export async function setTopicConfig(
  brokers: readonly string[],
  topics: readonly string[],
  changes: Readonly<Record<string, string>>,
  security: KafkaSecurity = {},
): Promise<void> {
  const change = async (admin: Admin) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({ type: TOPIC, name })),
    });
    const changed = resources.map(({ resourceName: name, configEntries }) => {
      const own = configEntries.filter(({ configSource }) => configSource === OF_TOPIC);
      const config = { ...Object.fromEntries(own.map((it) => [it.configName, it.configValue])), ...changes };
      const entries = Object.entries(config).map(([setting, value]) => ({ name: setting, value }));
      return { type: TOPIC, name, configEntries: entries };
    });
    await admin.alterConfigs({ validateOnly: false, resources: changed });
  };
  await asOperator(brokers, change, security);
}

/** Deletes the oldest record of a topic, as retention does. @returns its partition. @throws Error where the topic is empty */
export async function deleteOldest(brokers: readonly string[], topic: string): Promise<number> {
  return asOperator(brokers, async (admin) => {
    const offsets = await admin.fetchTopicOffsets(topic);
    const held = offsets.find(({ low, high }) => BigInt(high) > BigInt(low));
    if (held === undefined) throw new Error(`${topic} is empty`);
    const { partition, low } = held;
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(BigInt(low) + 1n) }] });
    return partition;
  });
}

/** Deletes every record that a topic holds now, as retention does. */
export async function deleteAll(brokers: readonly string[], topic: string): Promise<void> {
  await asOperator(brokers, async (admin) => {
    const offsets = await admin.fetchTopicOffsets(topic);
    const held = offsets.filter(({ low, high }) => BigInt(high) > BigInt(low));
    await admin.deleteTopicRecords({
      topic,
      partitions: held.map(({ partition, high }) => ({ partition, offset: high })),
    });
  });
}

/** Deletes a topic with everything in it. Resolves once the broker does not name it any more. */
export async function deleteTopic(brokers: readonly string[], topic: string): Promise<void> {
  await asOperator(brokers, async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    while ((await admin.listTopics()).includes(topic)) await new Promise((resolve) => setTimeout(resolve, 50));
  });
}

/** Works with an admin connection of its own. */
export async function asOperator<T>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<T>,
  security: KafkaSecurity = {},
): Promise<T> {
  const admin = otherClient(brokers, 'operator', security).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A client that has nothing of ours but the login. */
export const otherClient = (brokers: readonly string[], clientId: string, { tls, sasl }: KafkaSecurity): Kafka =>
  new Kafka({
    brokers: [...brokers],
    clientId,
    ...(tls && { ssl: tls }),
    ...(sasl && { sasl: sasl as SASLOptions }),
    logLevel: logLevel.NOTHING,
  });
