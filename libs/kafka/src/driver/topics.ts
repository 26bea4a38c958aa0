import { PARTITIONS, topics, type TopicSettings } from '@orderflow/contracts';
import type { Admin } from 'kafkajs';
import { KafkaSetupError, lineOf } from '../errors.js';
import { pause } from './backoff.js';
import { clientOf, type Reach } from './settings.js';

/**
 * Runs `work` with an admin connection, waiting for a broker that is not there yet.
 * @throws KafkaSetupError when none answers within `reachTimeoutMs`
 */
export async function withAdmin<T>(reach: Reach, reachTimeoutMs: number, work: (admin: Admin) => Promise<T>) {
  const admin = await connectedAdmin(reach, Date.now() + reachTimeoutMs);
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function connectedAdmin(reach: Reach, until: number): Promise<Admin> {
  for (let attempt = 0; ; attempt++) {
    // Quiet: that nobody answers yet is said once, at the end.
    const admin = clientOf({ ...reach, log: () => undefined }, { retries: 0 }).admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      if (Date.now() >= until)
        throw new KafkaSetupError(
          `KAFKA_BROKERS ${reach.brokers.join(',')} cannot be reached: ${lineOf(error)}: start Kafka there, or set it to host:port of a broker that runs`,
        );
      await pause(attempt);
    }
  }
}

/** The partition count of every topic there is; asks for all, since asking for one could create it. */
export async function partitionCounts(admin: Admin): Promise<ReadonlyMap<string, number>> {
  const { topics: found } = await admin.fetchTopicMetadata();
  return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
}

/** Creates what is missing of the topics in contracts. */
export async function createMissingTopics(admin: Admin, prefix: string): Promise<void> {
  const there = await partitionCounts(admin);
  const missing = Object.entries<TopicSettings>(topics).filter(([name]) => !there.has(prefix + name));
  if (missing.length === 0) return;
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map(([name, { partitions, config }]) => ({
      topic: prefix + name,
      numPartitions: partitions,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    })),
  });
}

/** @throws KafkaSetupError when a topic is missing or its partition count is not the one in contracts */
export function checkCounts(names: readonly string[], prefix: string, counts: ReadonlyMap<string, number>): void {
  const settings: Readonly<Record<string, TopicSettings>> = topics;
  for (const name of names) {
    const expected = settings[name.slice(prefix.length)]?.partitions ?? PARTITIONS;
    const found = counts.get(name);
    if (found === undefined)
      throw new KafkaSetupError(`topic ${name} is missing on KAFKA_BROKERS: create it with ${expected} partitions`);
    if (found !== expected)
      throw new KafkaSetupError(
        `topic ${name} has ${found} partitions, it must have ${expected} (keys would change partition and lose their order): delete it and create it anew, or use another TOPIC_PREFIX`,
      );
  }
}
