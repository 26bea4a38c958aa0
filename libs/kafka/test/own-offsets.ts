import { eventually } from '@orderflow/client';
import type { ConsumedOffset, ConsumedOffsets, ExpiredRange } from '../src/broker.js';
import { once, type RealBroker, valueOf } from './real-broker.js';

/** Stands for the database of a consumer: its offsets are stored together with the values that it read. */
export class OwnOffsets implements ConsumedOffsets {
  readonly rows = new Map<number, ConsumedOffset>();
  readonly restarted: ConsumedOffset[] = [];
  readonly expired: ExpiredRange[] = [];
  values: string[] = [];

  constructor(private readonly real: RealBroker) {}

  async read() {
    return [...this.rows.values()];
  }
  async write(offsets: readonly ConsumedOffset[]) {
    for (const offset of offsets) this.rows.set(offset.partition, offset);
  }
  async restart(offsets: readonly ConsumedOffset[]) {
    this.restarted.push(...offsets);
    await this.write(offsets);
  }
  async skip(expired: readonly ExpiredRange[]) {
    // A member that joins twice at once reads the same offset twice.
    if (expired.some(({ partition, first }) => this.rows.get(partition)?.next !== first)) throw new Error('moved');
    this.expired.push(...expired);
    await this.write(expired.map((range) => ({ ...range, appendedAt: null })));
  }

  /** @param before each batch is handled */
  async consume(before: () => Promise<void> = async () => undefined) {
    const { topic, groupId } = this.real;
    return this.real.broker().consume({
      groupId,
      topics: [topic],
      consumed: this,
      onFatal: () => undefined,
      onBatch: async (records) => {
        await before();
        this.values.push(...records.map(valueOf));
        const { partition, offset, timestamp } = records.at(-1)!;
        await this.write([{ topic, partition, next: String(BigInt(offset) + 1n), appendedAt: timestamp }]);
      },
    });
  }

  /** Consumes until `count` different values were read. */
  async consumeUntil(count: number): Promise<void> {
    const consumer = await this.consume();
    await eventually(() => once(this.values).length >= count);
    await consumer.stop();
  }

  /** As it was, in an older copy. */
  backup(): OwnOffsets {
    const copy = new OwnOffsets(this.real);
    for (const [partition, row] of this.rows) copy.rows.set(partition, row);
    copy.values = [...this.values];
    return copy;
  }
}
