import { type Appended, type PartitionEnd, partitionName } from '@orderflow/kafka';
import type { Service } from '@orderflow/contracts';
import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { PublishedOffset, PublishedOffsets } from './published-offsets.js';

// A topic that an operator deletes and creates again is away for longer than this, so its first check finds the new one.
const CHECK_MS = 2_000;

/** The broker, as far as its ends are compared. */
export interface Ends {
  /** @throws Error while the broker does not answer, or lacks a topic */
  endsOf(topics: readonly string[]): Promise<readonly PartitionEnd[]>;
}

interface RunsOn {
  readonly service: Service;
  /** Names of the topics that the service publishes events to, with the prefix. */
  readonly topics: readonly string[];
  readonly broker: Ends;
  readonly table: PublishedOffsets;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * Notices that the broker lost records which the service has published: a topic was deleted and created again, a disk is gone,
 * or a replica without the newest records took over. How far each partition was acknowledged is in the database. An end before
 * that, or another record at that offset, is the proof. Everything that follows waits then: a consumer that has not read the
 * lost events would refuse, or cancel, what comes after them.
 */
export class OwnLogs {
  /** By partition: the offset after the newest batch that was acknowledged to any instance, as far as this one knows. */
  private readonly known = new Map<string, PublishedOffset>();
  /** Partitions whose offset the database does not have yet. */
  private readonly unsaved = new Set<string>();
  /** Losses that the database does not have yet. */
  private unnoted: readonly PublishedOffset[] = [];
  private checkedAt = -Infinity;
  private isWhole = false;
  private isSaid = false;

  constructor(private readonly on: RunsOn) {}

  /** Whether the relay may publish: no record is lost, as of the last check. @throws Error while that cannot be found out */
  async whole(): Promise<boolean> {
    if (this.on.clock.elapsed() - this.checkedAt >= CHECK_MS) await this.check();
    return this.isWhole;
  }

  /** A publish failed: in between, the broker may have lost everything. */
  suspect(): void {
    this.checkedAt = -Infinity;
  }

  /** These batches were stored. @throws Error where a loss cannot be noted: the next check notes it */
  async acknowledged(batches: readonly Appended[]): Promise<void> {
    const own = batches.filter(({ topic }) => this.on.topics.includes(topic));
    const lost: PublishedOffset[] = [];
    for (const batch of own) {
      const name = partitionName(batch);
      const before = this.known.get(name);
      // guard: a log that stores a record before the published ones has lost records
      if (before !== undefined && BigInt(batch.offset) < BigInt(before.next))
        lost.push({ ...before, lost: BigInt(before.next) - BigInt(batch.offset) });
      else {
        this.known.set(name, offsetAfter(batch));
        this.unsaved.add(name);
      }
    }
    if (lost.length > 0) await this.noteLost(lost);
  }

  private async check(): Promise<void> {
    const { table, topics, broker, clock } = this.on;
    if (this.unnoted.length > 0) await this.noteLost(this.unnoted);
    await table.advance([...this.unsaved].map((name) => this.known.get(name)!));
    this.unsaved.clear();
    // First the table: another instance may publish beyond an end that was read before it.
    const stored = await table.read(topics);
    const ends = new Map((await broker.endsOf(topics)).map((one) => [partitionName(one), BigInt(one.end)]));
    this.known.clear();
    for (const offset of stored) this.known.set(partitionName(offset), offset);
    const lostIn = ({ topic, partition, next, lost }: PublishedOffset): bigint => {
      const missing = BigInt(next) - (ends.get(partitionName({ topic, partition })) ?? 0n);
      return missing > lost ? missing : lost;
    };
    const lost = stored.map((offset) => ({ ...offset, lost: lostIn(offset) })).filter((offset) => offset.lost > 0n);
    this.isWhole = true;
    if (lost.length > 0) await this.noteLost(lost);
    else this.isSaid = false;
    this.checkedAt = clock.elapsed();
  }

  private async noteLost(lost: readonly PublishedOffset[]): Promise<void> {
    const { service, log, table } = this.on;
    this.isWhole = false;
    this.unnoted = lost;
    await table.noteLost(lost);
    this.unnoted = [];
    if (this.isSaid) return;
    this.isSaid = true;
    const partitions = lost.map((one) => `${partitionName(one)} (${one.lost})`).join(', ');
    log.warn(
      { partitions },
      `the broker lost records that ${service} has published: nothing more is published until "orderflow republish ${service}" has published them again`,
    );
  }
}

const offsetAfter = ({ topic, partition, offset }: Appended): PublishedOffset => ({
  topic,
  partition,
  next: String(BigInt(offset) + 1n),
  lost: 0n,
});
