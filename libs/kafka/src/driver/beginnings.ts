import type { ConsumedOffset, ExpiredRange, Subscription } from '../broker.js';
import { replacedPartitions } from '../metrics.js';
import { partitionName } from '../partition-name.js';
import type { OffsetReader, Range } from './offset-reader.js';
import type { Log } from './settings.js';

/** Where a partition is read from, and why that is not where its consumer stopped. */
export interface Beginning extends ConsumedOffset {
  /** The log is another one than the consumer knew. */
  readonly replaced?: true;
  /** The log lost these records, which were never consumed. */
  readonly expired?: ExpiredRange;
}

/** The partitions that a member was assigned, by topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

/**
 * Where the subscription's own offsets let it begin, in the partitions of the assignment. Where a partition begins elsewhere,
 * its offset is corrected, and that is logged.
 * @throws Error when offsets or broker do not answer
 */
export async function readBeginnings(
  { groupId, topics, consumed }: Pick<Required<Subscription>, 'groupId' | 'topics' | 'consumed'>,
  offsets: Pick<OffsetReader, 'positionsOf' | 'firstAfter'>,
  assignment: Assignment,
  log: Log,
): Promise<Beginning[]> {
  // First the offsets: another instance may consume beyond an end that was read before them.
  const known = await consumed.read();
  const ranges = await offsets.positionsOf(groupId, topics);
  const all = beginningsOf(ranges, known, await offsets.firstAfter(newestConsumed(known)));
  // guard: each member corrects its own partitions alone
  const own = all.filter(({ topic, partition }) => assignment[topic]?.includes(partition));
  const replaced = own.filter((beginning) => beginning.replaced);
  if (replaced.length > 0) await consumed.restart(replaced);
  const expired = own.flatMap((beginning) => beginning.expired ?? []);
  // guard: a jump over records that expired unread is stored
  if (expired.length > 0) await consumed.skip(expired);
  for (const { topic, partition, next } of replaced) {
    replacedPartitions.add({ messaging_destination_name: topic, messaging_consumer_group_name: groupId });
    log(
      'error',
      `kafka: a topic was deleted and created again, or lost its last records (its service can publish them again: "orderflow republish"): ${groupId} reads ${topic}/${partition} from ${next}`,
    );
  }
  for (const { topic, partition, first, next } of expired)
    log(
      'error',
      `kafka: records expired before they were consumed: ${groupId} reads ${topic}/${partition} from ${next}, and has not read ${first} to ${BigInt(next) - 1n}`,
    );
  return own;
}

/**
 * Where a consumer begins in each partition: where its own store says, not where the broker says.
 * A partition that the store does not know was never consumed, so its oldest record is next.
 * @param firstNewer by `<topic>/<partition>`: the first offset that was appended after everything that the consumer consumed of
 *   the topic. An earlier one than `next` was never consumed, so the topic was deleted and created again.
 */
export function beginningsOf(
  ranges: readonly Range[],
  consumed: readonly ConsumedOffset[],
  firstNewer: ReadonlyMap<string, bigint>,
): Beginning[] {
  const known = new Map(consumed.map((offset) => [partitionName(offset), offset]));
  return ranges.map(({ topic, partition, low, end }) => {
    const oldest = { topic, partition, next: String(low), appendedAt: null };
    const name = partitionName(oldest);
    const offset = known.get(name);
    if (offset === undefined) return oldest;
    const next = BigInt(offset.next);
    // Without a time, after a replay, the first newer record may be one that was consumed.
    const newer = offset.appendedAt === null ? next : (firstNewer.get(name) ?? next);
    // guard: a log that replaced the known one is read from its beginning
    if (next > end || newer < next) return { ...oldest, replaced: true };
    if (next >= low) return offset;
    return { ...offset, next: oldest.next, expired: { topic, partition, first: offset.next, next: oldest.next } };
  });
}

/** By topic: the latest append time among the consumed records. */
export function newestConsumed(consumed: readonly ConsumedOffset[]): Map<string, Date> {
  const newest = new Map<string, Date>();
  for (const { topic, appendedAt } of consumed)
    if (appendedAt && appendedAt > (newest.get(topic) ?? 0)) newest.set(topic, appendedAt);
  return newest;
}
