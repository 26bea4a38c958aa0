import { untilReached } from '@orderflow/config';
import { topicRules, topics, type TopicSettings } from '@orderflow/contracts';
import type { Admin } from 'kafkajs';
import { KafkaSetupError, lineOf } from '../errors.js';
import { asSetupError } from './away.js';
import { refusalIn } from './security.js';
import { pause } from './waiting.js';
import { clientOf, METADATA_MS, type Reach } from './settings.js';

/**
 * Runs `work` with an admin connection, again while the brokers are away ({@link isAway}); `work` must be repeatable.
 * @throws KafkaSetupError when that lasts for `reachTimeoutMs`
 */
export async function withAdmin<T>(reach: Reach, reachTimeoutMs: number, work: (admin: Admin) => Promise<T>) {
  const attempt = async () => {
    const admin = await connectedAdmin(reach);
    try {
      return await work(admin);
    } catch (error) {
      throw asSetupError(error, reach);
    } finally {
      await admin.disconnect();
    }
  };
  return untilReached(attempt, { withinMs: reachTimeoutMs, onWait: (reason) => reach.log('warn', reason) });
}

async function connectedAdmin(reach: Reach): Promise<Admin> {
  // Without log: the failure is reported by the caller.
  const admin = clientOf({ ...reach, log: () => undefined }, { retries: 0 }).admin();
  try {
    await admin.connect();
    return admin;
  } catch (error) {
    // A connection that broke needs no closing.
    await admin.disconnect().catch(() => undefined);
    const refused = refusalIn(error, reach);
    if (refused !== undefined) throw new KafkaSetupError(refused);
    throw new KafkaSetupError(
      `KAFKA_BROKERS ${reach.brokers.join(',')} cannot be reached: ${lineOf(error)}: start Kafka there, or set it to the host:port of a running broker`,
      true,
    );
  }
}

/**
 * The partition count of every topic. Requests all topics: a request for a single one could create it.
 * @param names topics to wait for: the broker does not know a new topic at once, nor that one has grown
 * @param least how many partitions each of them must have
 * @throws KafkaSetupError when the broker does not answer within 10 s
 */
export async function partitionCounts(
  admin: Admin,
  names: readonly string[] = [],
  least = 1,
): Promise<ReadonlyMap<string, number>> {
  const until = performance.now() + METADATA_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata();
      const counts = new Map(found.map(({ name, partitions }) => [name, partitions.length]));
      if (performance.now() >= until || names.every((name) => (counts.get(name) ?? 0) >= least)) return counts;
    } catch (error) {
      // kafkajs throws for all topics when any topic of the cluster has no leader at the moment.
      if (performance.now() >= until)
        throw new KafkaSetupError(`KAFKA_BROKERS do not describe their topics: ${lineOf(error)}`, true);
    }
    await pause(attempt);
  }
}

/** Creates the topics of contracts that are not `there`, with every setting that services rely on: brokers may have others. */
export async function createMissingTopics(
  admin: Admin,
  there: ReadonlyMap<string, number>,
  { prefix, partitions, replicas }: { prefix: string; partitions: number; replicas: number },
): Promise<void> {
  const missing = Object.entries<TopicSettings>(topics).filter(([name]) => !there.has(prefix + name));
  if (missing.length === 0) return;
  const settingsOf = (name: string, { config }: TopicSettings) => ({
    ...config,
    ...Object.fromEntries(topicRules(name, replicas).map(({ setting, wanted }) => [setting, wanted])),
  });
  await admin.createTopics({
    // kafkajs fails at once where the broker does not know the topics yet; `partitionCounts` waits instead.
    waitForLeaders: false,
    topics: missing.map(([name, settings]) => ({
      topic: prefix + name,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(settingsOf(name, settings)).map(([key, value]) => ({ name: key, value })),
    })),
  });
}

/** @throws KafkaSetupError when a topic is missing or has another partition count */
export function checkCounts(names: readonly string[], counts: ReadonlyMap<string, number>, expected: number): void {
  for (const name of names) {
    const found = counts.get(name);
    if (found === undefined)
      throw new KafkaSetupError(
        `topic ${name} is missing on KAFKA_BROKERS: run "orderflow topics", which creates it with ${expected} partitions`,
      );
    // guard: a service does not start on another partition count
    if (found !== expected)
      throw new KafkaSetupError(
        `topic ${name} has ${found} partitions, it must have ${expected} (another count moves keys to other partitions and ` +
          `breaks their order): do not delete it, it may hold unread events; docs/runbook.md, "Changing the number of partitions"`,
      );
  }
}
