import { hash } from 'node:crypto';
import { topics } from '@orderflow/contracts';
import type { JournalFacts, JournalRow, LoggedRecord } from '@orderflow/invariants';
import type { RawRecord } from '@orderflow/kafka';

/** A row of the journal with its place in the partition. */
export type PlacedRow = JournalRow & { readonly offset: string };

/** A partition as the journal has it. `topic` has no prefix. */
export interface Stretch {
  readonly topic: string;
  readonly partition: number;
  /** The journal has read everything before it. */
  readonly next: bigint;
}

/** The rows of the journal. */
export interface JournalRows {
  /** Those before `next`, from one offset to another, both included. */
  between(stretch: Stretch, from: bigint, last: bigint): Promise<readonly PlacedRow[]>;
  /** Those from an offset on: before `next`, and those that the journal cannot have, as it has not read so far even now. */
  behind(stretch: Stretch, from: bigint): Promise<readonly PlacedRow[]>;
}

type Partition = Stretch & {
  /** When the oldest record was appended: older rows are of records that have expired, or of a topic that was created again. */
  readonly since: Date;
  /** The next offset to compare. */
  from: bigint;
  /** Of a compacted topic: places without a record, and where the newest record of each key is. */
  readonly gone: JournalFacts[];
  readonly newest: Map<string, bigint>;
};

/** Goes through the topics, and through the rows of the journal for the same places. */
export class JournalComparison {
  private readonly journal: JournalRows;
  private readonly stretchOf: (topic: string, partition: number) => Stretch;
  private readonly onFacts: (facts: JournalFacts) => void;
  private readonly partitions = new Map<string, Partition>();

  /**
   * @param stretchOf by the full name of a topic
   * @param onFacts takes each place once
   */
  constructor(
    journal: JournalRows,
    stretchOf: (topic: string, partition: number) => Stretch,
    onFacts: (facts: JournalFacts) => void,
  ) {
    this.journal = journal;
    this.stretchOf = stretchOf;
    this.onFacts = onFacts;
  }

  /** @param records the next ones of one partition, at least one */
  async take(records: readonly RawRecord[]): Promise<void> {
    const partition = this.partitionOf(records[0]!);
    const { next, since, newest } = partition;
    const last = BigInt(records.at(-1)!.offset);
    const rows = byOffset(await this.journal.between(partition, partition.from, last));
    for (const record of records) {
      const { offset, key, timestamp } = record;
      const isOwn = ({ appendedAt }: PlacedRow) => appendedAt >= since || appendedAt.getTime() === timestamp.getTime();
      const own = (rows.get(offset) ?? []).filter(isOwn);
      rows.delete(offset);
      if (isCompacted(partition) && key) newest.set(key.toString(), BigInt(offset));
      this.onFacts({
        ...placeOf(partition, offset),
        record: loggedOf(record),
        rows: own,
        isRead: BigInt(offset) < next,
      });
    }
    this.withoutRecord(partition, rows);
    partition.from = last + 1n;
  }

  /** After the last record: the rows behind it, and those that compaction does not explain. */
  async end(): Promise<void> {
    for (const partition of this.partitions.values()) {
      const { next, from, gone, newest } = partition;
      this.withoutRecord(partition, byOffset(await this.journal.behind(partition, from < next ? from : next)));
      // Compaction removes a record once there is a newer one of the same key.
      const isCompactedAway = ({ rows, offset }: JournalFacts) =>
        rows.every(({ subject }) => (newest.get(subject) ?? -1n) > BigInt(offset));
      for (const facts of gone) if (!isCompactedAway(facts)) this.onFacts(facts);
    }
  }

  private withoutRecord(partition: Partition, rows: ReadonlyMap<string, readonly PlacedRow[]>): void {
    for (const [offset, all] of rows) {
      const own = all.filter(({ appendedAt }) => appendedAt >= partition.since);
      if (own.length === 0) continue;
      const facts = { ...placeOf(partition, offset), rows: own, isRead: true };
      if (isCompacted(partition)) partition.gone.push(facts);
      else this.onFacts(facts);
    }
  }

  private partitionOf({ topic, partition, offset, timestamp }: RawRecord): Partition {
    const name = `${topic}/${partition}`;
    const known = this.partitions.get(name) ?? {
      ...this.stretchOf(topic, partition),
      since: timestamp,
      from: BigInt(offset),
      gone: [],
      newest: new Map(),
    };
    this.partitions.set(name, known);
    return known;
  }
}

const placeOf = ({ topic, partition }: Stretch, offset: string) => ({ topic, partition, offset });

const byOffset = (rows: readonly PlacedRow[]): Map<string, PlacedRow[]> => Map.groupBy(rows, ({ offset }) => offset);

const isCompacted = ({ topic }: Stretch): boolean =>
  topics[topic as keyof typeof topics].config['cleanup.policy'] === 'compact';

const loggedOf = ({ timestamp, key, value, headers }: RawRecord): LoggedRecord => ({
  appendedAt: timestamp,
  key: key?.toString() ?? null,
  type: headers['ce_type']?.toString() ?? null,
  eventId: headers['ce_id']?.toString().toLowerCase() ?? null,
  value: value === null ? null : hash('sha256', value),
});
