import { PARTITIONS, topics, type TopicSettings } from '@orderflow/contracts';
import type { Admin } from 'kafkajs';
import { KafkaSetupError, lineOf } from '../errors.js';
import { pause } from './backoff.js';
import { clientOf, type Reach } from './settings.js';

const METADATA_MS = 10_000;

/**
 * Runs `work` with an admin connection; waits for a broker that cannot be reached yet.
 * @throws KafkaSetupError when no broker answers within `reachTimeoutMs`
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
    // Without log: the failure is reported once, at the end.
    const admin = clientOf({ ...reach, log: () => undefined }, { retries: 0 }).admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      if (Date.now() >= until)
        throw new KafkaSetupError(
          `KAFKA_BROKERS ${reach.brokers.join(',')} cannot be reached: ${lineOf(error)}: start Kafka there, or set it to the host:port of a running broker`,
        );
      await pause(attempt);
    }
  }
}

/**
 * The partition count of every topic. Requests all topics: a request for a single one could create it.
 * @param names topics to wait for: the broker does not know a new topic at once
 * @throws KafkaSetupError when the broker does not answer within 10 s
 */
export async function partitionCounts(
  admin: Admin,
  names: readonly string[] = [],
): Promise<ReadonlyMap<string, number>> {
  const until = Date.now() + METADATA_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata();
      const counts = new Map(found.map(({ name, partitions }) => [name, partitions.length]));
      if (Date.now() >= until || names.every((name) => counts.has(name))) return counts;
    } catch (error) {
      // kafkajs throws for all topics when any topic of the cluster has no leader at the moment.
      if (Date.now() >= until)
        throw new KafkaSetupError(`KAFKA_BROKERS do not describe their topics: ${lineOf(error)}`);
    }
    await pause(attempt);
  }
}

/** Creates the missing topics of contracts. @returns the partition count of every topic afterwards */
export async function createMissingTopics(admin: Admin, prefix: string): Promise<ReadonlyMap<string, number>> {
  const there = await partitionCounts(admin);
  const missing = Object.entries<TopicSettings>(topics).filter(([name]) => !there.has(prefix + name));
  if (missing.length === 0) return there;
  await admin.createTopics({
    // kafkajs fails at once where the broker does not know the topics yet; `partitionCounts` waits instead.
    waitForLeaders: false,
    topics: missing.map(([name, { partitions, config }]) => ({
      topic: prefix + name,
      numPartitions: partitions,
      configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
    })),
  });
  return partitionCounts(
    admin,
    missing.map(([name]) => prefix + name),
  );
}

/** @throws KafkaSetupError when a topic is missing or its partition count differs from contracts */
export function checkCounts(names: readonly string[], prefix: string, counts: ReadonlyMap<string, number>): void {
  const settings: Readonly<Record<string, TopicSettings>> = topics;
  for (const name of names) {
    const expected = settings[name.slice(prefix.length)]?.partitions ?? PARTITIONS;
    const found = counts.get(name);
    if (found === undefined)
      throw new KafkaSetupError(`topic ${name} is missing on KAFKA_BROKERS: create it with ${expected} partitions`);
    if (found !== expected)
      throw new KafkaSetupError(
        `topic ${name} has ${found} partitions, it must have ${expected} (another count moves keys to other partitions and breaks their order): delete and create it again, or use another TOPIC_PREFIX`,
      );
  }
}
