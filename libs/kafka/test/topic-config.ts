import { type Admin, Kafka, logLevel } from 'kafkajs';

const TOPIC = 2;
const OF_TOPIC = 1;

/** Changes settings of topics as an operator would; their other settings stay. @throws Error when the broker does not answer */
export async function setTopicConfig(
  brokers: readonly string[],
  topics: readonly string[],
  changes: Readonly<Record<string, string>>,
): Promise<void> {
  await asOperator(brokers, async (admin) => {
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
  });
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

async function asOperator<T>(brokers: readonly string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({ brokers: [...brokers], clientId: 'operator', logLevel: logLevel.NOTHING }).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
