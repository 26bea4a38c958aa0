import type { Admin } from 'kafkajs';
import { KafkaSetupError } from '../errors.js';
import { filterNegativeTimeoutWarning } from './patches/negative-timeout-warning.js';
import { guardRequestQueueTimer } from './patches/request-queue-timer.js';
import { clientOf, PRODUCER_RETRY, type Reach } from './settings.js';

/** How far back one partition of a group is to go; offsets are decimal digits. */
export interface Rewind {
  readonly topic: string;
  readonly partition: number;
  /** Where the group is: the next record that it would read. */
  readonly from: string;
  readonly to: string;
}

export interface ReplayPlan {
  readonly groupId: string;
  /** Consumers that are in the group now; only one without members can be set back. */
  readonly members: number;
  /** Every partition of which the group has committed something. */
  readonly partitions: readonly Rewind[];
}

/** Sets consumer groups back, so that their services hear again what they have heard. */
export class Replays {
  readonly #reach: Reach;

  /** @param brokers host:port of each */
  constructor(brokers: readonly string[]) {
    guardRequestQueueTimer();
    filterNegativeTimeoutWarning();
    this.#reach = { brokers, clientId: 'replay', log: () => undefined };
  }

  /**
   * What a replay would do; changes nothing.
   * @param since the oldest record that is there, or the first one that was appended at this time or later
   * @throws KafkaSetupError when the group has never committed anything, an error of kafkajs when no broker answers
   */
  plan(groupId: string, since: 'earliest' | Date): Promise<ReplayPlan> {
    return this.#withAdmin(async (admin) => {
      const members = await membersOf(admin, groupId);
      const committed = (await admin.fetchOffsets({ groupId })).filter(({ partitions }) =>
        partitions.some(({ offset }) => BigInt(offset) >= 0n),
      );
      if (committed.length === 0) throw new KafkaSetupError(`the group ${groupId} has not committed anything yet`);
      const rewinds = await Promise.all(
        committed.map(async ({ topic, partitions }) => {
          const [low, wanted] = await Promise.all([lowsOf(admin, topic), wantedOf(admin, topic, since)]);
          return partitions
            .filter(({ offset }) => BigInt(offset) >= 0n)
            .map(({ partition, offset }) => {
              const back = min(BigInt(offset), BigInt(wanted.get(partition) ?? offset));
              return { topic, partition, from: offset, to: String(max(back, BigInt(low.get(partition) ?? 0))) };
            });
        }),
      );
      return { groupId, members, partitions: rewinds.flat().toSorted(byPlace) };
    });
  }

  /**
   * Does what the plan says.
   * @throws KafkaSetupError when the group has members: they would commit over it
   */
  async rewind({ groupId, partitions }: ReplayPlan): Promise<void> {
    await this.#withAdmin(async (admin) => {
      const members = await membersOf(admin, groupId);
      if (members > 0) throw new KafkaSetupError(`the group ${groupId} has ${members} members: stop them first`);
      for (const topic of new Set(partitions.map((it) => it.topic))) {
        const moved = partitions.filter((it) => it.topic === topic && it.from !== it.to);
        const offsets = moved.map(({ partition, to }) => ({ partition, offset: to }));
        if (offsets.length > 0) await admin.setOffsets({ groupId, topic, partitions: offsets });
      }
    });
  }

  async #withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = clientOf(this.#reach, PRODUCER_RETRY).admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

async function membersOf(admin: Admin, groupId: string): Promise<number> {
  const { groups } = await admin.describeGroups([groupId]);
  return groups[0]?.members.length ?? 0;
}

const lowsOf = async (admin: Admin, topic: string): Promise<ReadonlyMap<number, string>> =>
  new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, low }) => [partition, low]));

async function wantedOf(admin: Admin, topic: string, since: 'earliest' | Date): Promise<ReadonlyMap<number, string>> {
  if (since === 'earliest') return lowsOf(admin, topic);
  const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
  return new Map(offsets.map(({ partition, offset }) => [partition, offset]));
}

const byPlace = (one: Rewind, other: Rewind): number =>
  one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1;

// Only ever back: to go forward would be to lose what was never heard.
const min = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);
