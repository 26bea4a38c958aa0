import type { Admin } from 'kafkajs';
import type { PartitionEnd, PartitionLag } from '../broker.js';
import { partitionName } from '../partition-name.js';
import { max } from './bigints.js';
import { clientOf, PRODUCER_RETRY, type Reach } from './settings.js';
import { allOf, within } from './waiting.js';

const CLOSE_MS = 2_000;

/** The records that a partition holds. */
export interface Range {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the oldest record. */
  readonly low: bigint;
  /** The high watermark: the offset that the next record of the partition gets. */
  readonly end: bigint;
}

/** The records of a partition, and where a group is among them by its commits to the broker. */
export interface Position extends Range {
  /** The next offset that the group reads. */
  readonly next: bigint;
  /** How many records before `low` the group has not committed: they are gone. */
  readonly expired: bigint;
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
    return positions.map(({ topic, partition, next, end, expired }) => ({
      topic,
      partition,
      next: String(next),
      // guard: records that expired unread are not taken off the lag
      records: Math.max(0, Number(end - next + expired)),
      expired: Number(expired),
    }));
  }

  /** The position of the group in every partition of the topics. @throws Error of kafkajs when the broker does not answer */
  positionsOf(groupId: string, topics: readonly string[]): Promise<Position[]> {
    return this.#read((admin) => readPositions(admin, groupId, topics));
  }

  /** See {@link KafkajsBroker}. */
  async endsOf(topics: readonly string[]): Promise<PartitionEnd[]> {
    const reading = topics.map(async (topic) => {
      const offsets = await this.#read((admin) => admin.fetchTopicOffsets(topic));
      return offsets.map(({ partition, high }) => ({ topic, partition, end: high }));
    });
    return (await allOf(reading)).flat();
  }

  /**
   * By `<topic>/<partition>`: the offset of the first record that was appended after the time given for its topic, or of the
   * next record where there is none. @throws Error of kafkajs when the broker does not answer
   */
  async firstAfter(times: ReadonlyMap<string, Date>): Promise<ReadonlyMap<string, bigint>> {
    const offsets = [...times].map(async ([topic, time]) => {
      const found = await this.#read((admin) => admin.fetchTopicOffsetsByTimestamp(topic, time.getTime() + 1));
      return found.map(({ partition, offset }) => [partitionName({ topic, partition }), BigInt(offset)] as const);
    });
    return new Map((await allOf(offsets)).flat());
  }

  async #read<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    // A consumer may join once more while it stops: that must not open a connection again.
    if (this.#isClosed) throw new Error('the offset reader is closed');
    const connection = (this.#admin ??= this.#connect());
    const read = connection.then(work);
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
  const [committed, ...offsets] = await allOf(reading);
  return topics.flatMap((topic, i) => {
    const partitions = committed.find((one) => one.topic === topic)?.partitions;
    const done = new Map(partitions?.map(({ partition, offset }) => [partition, offset]));
    return offsets[i]!.map(({ partition, high, low }) => {
      const next = BigInt(done.get(partition) ?? -1);
      const oldest = BigInt(low);
      return {
        topic,
        partition,
        // Without a committed offset (-1) the group begins at the oldest record.
        next: max(next, oldest),
        low: oldest,
        end: BigInt(high),
        expired: next < 0n ? 0n : max(0n, oldest - next),
      };
    });
  });
}
