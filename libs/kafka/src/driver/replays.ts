import type { Admin } from 'kafkajs';
import { KafkaSetupError } from '../errors.js';
import { max, min } from './bigints.js';
import { filterNegativeTimeoutWarning } from './patches/negative-timeout-warning.js';
import { guardRequestQueueTimer } from './patches/request-queue-timer.js';
import type { KafkaSecurity } from './security.js';
import { clientOf, PRODUCER_RETRY, type Reach } from './settings.js';
import { allOf } from './waiting.js';

/** How far one partition of a group is rewound; offsets are decimal digits. */
export interface Rewind {
  readonly topic: string;
  readonly partition: number;
  /** The committed offset: the next record that the group would read. */
  readonly from: string;
  readonly to: string;
}

export interface ReplayPlan {
  readonly groupId: string;
  /** Consumers in the group now; only a group without members can be rewound. */
  readonly members: number;
  /** Every partition with a committed offset. */
  readonly partitions: readonly Rewind[];
}

/** Rewinds consumer groups, so that their services consume events again. */
export class Replays {
  readonly #reach: Reach;

  /** @param brokers host:port of each. @param security by default neither TLS nor a login */
  constructor(brokers: readonly string[], security: KafkaSecurity = {}) {
    guardRequestQueueTimer();
    filterNegativeTimeoutWarning();
    this.#reach = { brokers, clientId: 'replay', log: () => undefined, security };
  }

  /**
   * Plans a rewind; changes nothing.
   * @param since the oldest stored record, or the first record appended at this time or later
   * @throws KafkaSetupError when the group has never committed an offset, an error of kafkajs when no broker answers
   */
  plan(groupId: string, since: 'earliest' | Date): Promise<ReplayPlan> {
    return this.#withAdmin(async (admin) => {
      const members = await membersOf(admin, groupId);
      const committed = (await admin.fetchOffsets({ groupId })).filter(({ partitions }) =>
        partitions.some(({ offset }) => BigInt(offset) >= 0n),
      );
      if (committed.length === 0) throw new KafkaSetupError(`the group ${groupId} has not committed any offset yet`);
      const rewinds = await allOf(
        committed.map(async ({ topic, partitions }) => {
          const [low, wanted] = await allOf([lowsOf(admin, topic), wantedOf(admin, topic, since)] as const);
          return partitions
            .filter(({ offset }) => BigInt(offset) >= 0n)
            .map(({ partition, offset }) => {
              // Only backwards: moving forward would skip events that were never consumed.
              const back = min(BigInt(offset), BigInt(wanted.get(partition) ?? offset));
              return { topic, partition, from: offset, to: String(max(back, BigInt(low.get(partition) ?? 0))) };
            });
        }),
      );
      return { groupId, members, partitions: rewinds.flat().toSorted(byPlace) };
    });
  }

  /**
   * Rewinds the group as planned.
   * @throws KafkaSetupError when the group has members: they would overwrite the offsets
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
