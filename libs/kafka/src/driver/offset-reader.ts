import type { Admin } from 'kafkajs';
import type { PartitionLag } from '../broker.js';
import { clientOf, PRODUCER_RETRY, type Reach } from './settings.js';
import { within } from './waiting.js';

const CLOSE_MS = 2_000;

/** Where a group is in one partition, and where the partition ends. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  /** The next offset that the group reads. */
  readonly next: bigint;
  /** The high watermark: the offset that the next record of the partition gets. */
  readonly end: bigint;
}

/** Reads the offsets of groups and topics, over one connection that is kept. */
export class OffsetReader {
  #admin: Promise<Admin> | undefined;
  #isClosed = false;
  readonly #reads = new Set<Promise<unknown>>();

  constructor(private readonly reach: Reach) {}

  /** See {@link Broker}. */
  async lagOf(groupId: string, topics: readonly string[]): Promise<PartitionLag[]> {
    const positions = await this.positionsOf(groupId, topics);
    return positions.map(({ topic, partition, next, end }) => ({
      topic,
      partition,
      records: Math.max(0, Number(end - next)),
    }));
  }

  /** The position of the group in every partition of the topics. @throws Error of kafkajs when the broker does not answer */
  async positionsOf(groupId: string, topics: readonly string[]): Promise<Position[]> {
    // A consumer may join once more while it stops: that must not open a connection again.
    if (this.#isClosed) throw new Error('the offset reader is closed');
    const connection = (this.#admin ??= this.#connect());
    const read = connection.then((admin) => readPositions(admin, groupId, topics));
    this.#reads.add(read);
    try {
      return await read;
    } catch (error) {
      // After any failure the next read opens a connection of its own. A read that failed late must not close that one.
      await this.#disconnect(connection);
      throw error;
    } finally {
      this.#reads.delete(read);
    }
  }

  /** Closes the connection, after the reads under way; later reads are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const connection = this.#admin;
    const reads = Promise.allSettled(this.#reads);
    await within(CLOSE_MS, reads);
    await this.#disconnect(connection);
    // kafkajs retries a read that was cut off, and connects again for it.
    void reads.then(() => this.#disconnect(connection));
  }

  async #disconnect(connection: Promise<Admin> | undefined): Promise<void> {
    if (this.#admin === connection) this.#admin = undefined;
    // One that was never opened, or broke, needs no closing; the read has reported its error.
    await connection?.then((open) => open.disconnect()).catch(() => undefined);
  }

  async #connect(): Promise<Admin> {
    const admin = clientOf({ ...this.reach, log: () => undefined }, PRODUCER_RETRY).admin();
    await admin.connect();
    return admin;
  }
}

async function readPositions(admin: Admin, groupId: string, topics: readonly string[]): Promise<Position[]> {
  const reading = [
    admin.fetchOffsets({ groupId, topics: [...topics] }),
    ...topics.map((topic) => admin.fetchTopicOffsets(topic)),
  ] as const;
  // None may go on after another has failed: kafkajs would connect again for it after the disconnect.
  await Promise.allSettled(reading);
  const [committed, ...offsets] = await Promise.all(reading);
  return topics.flatMap((topic, i) => {
    const partitions = committed.find((one) => one.topic === topic)?.partitions;
    const done = new Map(partitions?.map(({ partition, offset }) => [partition, offset]));
    return offsets[i]!.map(({ partition, high, low }) => ({
      topic,
      partition,
      // Without a committed offset (-1) the group begins at the oldest record.
      next: max(BigInt(done.get(partition) ?? -1), BigInt(low)),
      end: BigInt(high),
    }));
  });
}

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);
