import type { Admin } from 'kafkajs';
import { KafkaSetupError } from '../errors.js';
import { max } from './bigints.js';
import { allOf } from './waiting.js';

/**
 * Adds the missing partitions of topics, where every group has read every stored record: a key moves to another partition, and
 * its new events would be handled before the unread ones.
 * @returns a line for each topic that has grown
 * @throws KafkaSetupError where records are unread
 */
export async function growTopics(
  admin: Admin,
  names: readonly string[],
  counts: ReadonlyMap<string, number>,
  wanted: number,
): Promise<string[]> {
  const small = names.filter((name) => (counts.get(name) ?? wanted) < wanted);
  // guard: a topic does not grow while records are unread
  for (const topic of small) await refuseUnread(admin, topic);
  if (small.length > 0)
    await admin.createPartitions({ topicPartitions: small.map((topic) => ({ topic, count: wanted })) });
  return small.map((topic) => `${topic}: ${counts.get(topic)} -> ${wanted} partitions`);
}

async function refuseUnread(admin: Admin, topic: string): Promise<void> {
  const [{ groups }, ends] = await allOf([admin.listGroups(), admin.fetchTopicOffsets(topic)] as const);
  for (const { groupId } of groups) {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const next = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    // Without any committed offset the group does not consume this topic.
    if (![...next.values()].some((offset) => offset >= 0n)) continue;
    const unread = ends
      .map(({ partition, low, high }) => BigInt(high) - max(next.get(partition) ?? 0n, BigInt(low)))
      .reduce((sum, records) => sum + max(records, 0n), 0n);
    if (unread > 0n)
      throw new KafkaSetupError(
        `topic ${topic} cannot get more partitions: the group ${groupId} has ${unread} unread records in it: let it read them first`,
      );
  }
}
