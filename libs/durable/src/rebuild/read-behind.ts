import { type ConsumedOffset, type KafkajsBroker, partitionName, type RawRecord } from '@orderflow/kafka';

/** Two groups that read the same topics. */
export interface Groups {
  /** How far the live group is. */
  readonly live: readonly ConsumedOffset[];
  /** How far the one that follows it is. */
  readonly behind: readonly ConsumedOffset[];
}

/**
 * Reads the records that the live group has consumed and the other one has not.
 * @param onRecords takes the records of one partition at a time, in order
 * @param onProgress called with how many records were read, and how many there are to read
 * @returns how many there were, and the offsets that the other group reaches by it. The topics may hold fewer: the last records
 *   of a partition may have expired
 */
export async function readBehind(
  broker: Pick<KafkajsBroker, 'readLog'>,
  topics: readonly string[],
  { live, behind }: Groups,
  onRecords: (records: readonly RawRecord[]) => Promise<void>,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<{ total: number; reached: ConsumedOffset[] }> {
  const ends = new Map(live.map((one) => [partitionName(one), BigInt(one.next)]));
  const at = new Map(behind.map((one) => [partitionName(one), BigInt(one.next)]));
  const isFurther = (one: ConsumedOffset) => BigInt(one.next) > (at.get(partitionName(one)) ?? 0n);
  const reached = live.filter(isFurther);
  const left = () =>
    [...ends].reduce((sum, [name, end]) => {
      const next = at.get(name) ?? 0n;
      return end > next ? sum + end - next : sum;
    }, 0n);
  const total = Number(left());
  if (total === 0) return { total, reached };
  await broker.readLog(topics, { consumed: behind }, async (records) => {
    const name = partitionName(records[0]!);
    const end = ends.get(name) ?? 0n;
    const wanted = records.filter(({ offset }) => BigInt(offset) < end);
    if (wanted.length === 0) return;
    await onRecords(wanted);
    at.set(name, BigInt(wanted.at(-1)!.offset) + 1n);
    onProgress(total - Number(left()), total);
  });
  return { total, reached };
}
