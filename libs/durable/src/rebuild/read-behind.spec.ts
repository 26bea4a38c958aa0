import { describe, expect, it } from '@jest/globals';
import type { ConsumedOffset, RawRecord } from '@orderflow/kafka';
import { readBehind } from './read-behind.js';

const offset = (partition: number, next: number): ConsumedOffset => ({
  topic: 't',
  partition,
  next: String(next),
  appendedAt: null,
});

/** A topic with these offsets in each partition. */
const topicWith = (...partitions: number[][]) => ({
  readLog: async (_topics: unknown, _from: unknown, onRecords: (records: readonly RawRecord[]) => Promise<void>) => {
    for (const [partition, offsets] of partitions.entries())
      if (offsets.length > 0)
        await onRecords(offsets.map((it) => ({ topic: 't', partition, offset: String(it) }) as RawRecord));
  },
});

async function read(topic: ReturnType<typeof topicWith>, live: ConsumedOffset[], behind: ConsumedOffset[]) {
  const records: string[] = [];
  const progress: [number, number][] = [];
  const onRecords = async (read: readonly RawRecord[]) =>
    void records.push(...read.map((record) => `${record.partition}/${record.offset}`));
  const result = await readBehind(topic, ['t'], { live, behind }, onRecords, (...now) => progress.push(now));
  return { ...result, records, progress };
}

describe('a group that follows another one', () => {
  it('reads no further than the other one has consumed', async () => {
    const { total, records, progress, reached } = await read(
      topicWith([2, 3, 4, 5], [0, 1]),
      [offset(0, 4), offset(1, 1)],
      [offset(0, 2)],
    );
    expect({ total, records }).toEqual({ total: 3, records: ['0/2', '0/3', '1/0'] });
    expect(progress).toEqual([
      [2, 3],
      [3, 3],
    ]);
    expect(reached).toEqual([offset(0, 4), offset(1, 1)]);
  });

  it('reaches the offset of the other one, also where the records before it have expired', async () => {
    const { total, records, reached } = await read(topicWith([]), [offset(0, 5_000)], []);
    expect({ total, records, reached }).toEqual({ total: 5_000, records: [], reached: [offset(0, 5_000)] });
  });

  it('has nothing to do where it is as far, or where the other one was set back', async () => {
    const { total, reached } = await read(topicWith([0, 1]), [offset(0, 2)], [offset(0, 3)]);
    expect({ total, reached }).toEqual({ total: 0, reached: [] });
  });
});
