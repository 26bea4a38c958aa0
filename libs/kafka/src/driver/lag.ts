import type { Admin } from 'kafkajs';
import type { PartitionLag } from '../broker.js';
import { clientOf, PRODUCER_RETRY, type Reach } from './settings.js';

/** Asks how far behind a group is, over one connection that is kept. */
export class LagReader {
  #admin: Promise<Admin> | undefined;

  constructor(private readonly reach: Reach) {}

  /** See {@link Broker}. */
  async lagOf(groupId: string, topics: readonly string[]): Promise<PartitionLag[]> {
    try {
      const admin = await (this.#admin ??= this.#connect());
      const [committed, ...offsets] = await Promise.all([
        admin.fetchOffsets({ groupId, topics: [...topics] }),
        ...topics.map((topic) => admin.fetchTopicOffsets(topic)),
      ]);
      return topics.flatMap((topic, i) => {
        const done = new Map(
          committed.find((one) => one.topic === topic)?.partitions.map(({ partition, offset }) => [partition, offset]),
        );
        return offsets[i]!.map(({ partition, high, low }) => ({
          topic,
          partition,
          // Where nothing is committed (-1) the group begins at the oldest record.
          records: Math.max(0, Number(BigInt(high) - max(BigInt(done.get(partition) ?? -1), BigInt(low)))),
        }));
      });
    } catch (error) {
      // Whatever it was: the next one asks over a connection of its own.
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.then((open) => open.disconnect()).catch(() => undefined);
  }

  async #connect(): Promise<Admin> {
    const admin = clientOf({ ...this.reach, log: () => undefined }, PRODUCER_RETRY).admin();
    await admin.connect();
    return admin;
  }
}

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);
