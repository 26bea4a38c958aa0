import type { ConsumedOffset, Subscription } from '../broker.js';
import { expiredRecords } from '../metrics.js';
import { partitionName } from '../partition-name.js';
import type { OffsetReader, Range } from './offset-reader.js';
import type { Log } from './settings.js';

/** Where a partition is read from, and why that is not where its consumer stopped. */
export interface Beginning extends ConsumedOffset {
  /** `replaced`: the log is another one than the consumer knew. `expired`: the log lost records that were never consumed. */
  readonly notice?: 'replaced' | 'expired';
  /** How many records expired. */
  readonly lost?: number;
}

const NOTICES: Readonly<Record<NonNullable<Beginning['notice']>, string>> = {
  replaced: 'a topic was deleted and created again, or lost its last records',
  expired: 'records expired before they were consumed',
};

/**
 * Where the subscription's own offsets let it begin, in every partition of its topics. Where a partition begins elsewhere,
 * its offset is corrected and logged.
 * @throws Error when offsets or broker do not answer
 */
export async function readBeginnings(
  { groupId, topics, consumed }: Pick<Required<Subscription>, 'groupId' | 'topics' | 'consumed'>,
  offsets: Pick<OffsetReader, 'positionsOf' | 'firstAfter'>,
  log: Log,
): Promise<Beginning[]> {
  // First the offsets: another instance may consume beyond an end that was read before them.
  const known = await consumed.read();
  const ranges = await offsets.positionsOf(groupId, topics);
  const beginnings = beginningsOf(ranges, known, await offsets.firstAfter(newestConsumed(known)));
  const moved = beginnings.filter(({ notice }) => notice !== undefined);
  for (const { topic, partition, next, notice } of moved)
    log('error', `kafka: ${NOTICES[notice!]}: ${groupId} reads ${topic}/${partition} from ${next}`);
  // guard: a jump over records that expired unread is counted
  for (const { topic, lost = 0 } of moved)
    if (lost > 0)
      expiredRecords.add({ messaging_destination_name: topic, messaging_consumer_group_name: groupId }, lost);
  if (moved.length > 0) await consumed.restart(moved);
  return beginnings;
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
    if (next > end || newer < next) return { ...oldest, notice: 'replaced' };
    return next < low ? { ...oldest, notice: 'expired', lost: Number(low - next) } : offset;
  });
}

/** By topic: the latest append time among the consumed records. */
export function newestConsumed(consumed: readonly ConsumedOffset[]): Map<string, Date> {
  const newest = new Map<string, Date>();
  for (const { topic, appendedAt } of consumed)
    if (appendedAt && appendedAt > (newest.get(topic) ?? 0)) newest.set(topic, appendedAt);
  return newest;
}
