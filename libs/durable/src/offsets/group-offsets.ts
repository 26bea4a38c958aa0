import {
  type ConsumedOffset,
  type ConsumedOffsets,
  type ExpiredRange,
  partitionName,
  type RawRecord,
} from '@orderflow/kafka';
import { TransientError } from '../base/failures.js';
import type { Advance, OffsetTable } from './consumed-offsets.js';

/**
 * The consumed offsets of one group, as this process knows them. It notices a database that is older than what this process
 * has read or committed: one that was restored, or a replica that lagged when it took over. Going on would skip the records
 * in between, so the process ends, and begins where that database says.
 */
export class GroupOffsets<Tx> implements ConsumedOffsets {
  /** By partition: what the database had at least. */
  private readonly known = new Map<string, bigint>();
  /** Counts where a restart begins and ends. A read that sees it change may have read either side of it. */
  private restarts = 0;

  constructor(
    private readonly table: OffsetTable<Tx>,
    private readonly database: Tx,
    private readonly onFatal: (error: Error) => void,
  ) {}

  /** @throws TransientError where the database is older than this process knew it */
  async read(): Promise<readonly ConsumedOffset[]> {
    // Before the read: a batch that commits meanwhile may know more than the read sees.
    const known = [...this.known];
    const { restarts } = this;
    const offsets = await this.table.read(this.database);
    // guard: an offset that this process sets back is no older database
    if (restarts !== this.restarts) return this.read();
    const stored = new Map(offsets.map((offset) => [partitionName(offset), BigInt(offset.next)]));
    // guard: a database that was restored under a running process is noticed
    if (known.some(([name, next]) => (stored.get(name) ?? 0n) < next)) throw this.older();
    this.learn(offsets);
    return offsets;
  }

  async write(offsets: readonly ConsumedOffset[]): Promise<void> {
    const isNew = (offset: ConsumedOffset) => BigInt(offset.next) > (this.known.get(partitionName(offset)) ?? -1n);
    this.learn(await this.advance(this.database, offsets.filter(isNew)));
  }

  async restart(offsets: readonly ConsumedOffset[]): Promise<void> {
    this.restarts++;
    await this.table.set(this.database, offsets);
    for (const offset of offsets) this.known.set(partitionName(offset), BigInt(offset.next));
    this.restarts++;
  }

  /** @throws TransientError where another instance has moved an offset since it was read */
  async skip(expired: readonly ExpiredRange[]): Promise<void> {
    const moved = await this.table.skip(this.database, expired);
    if (moved < expired.length) throw new TransientError('another instance has moved the offsets since they were read');
    for (const range of expired) this.known.set(partitionName(range), BigInt(range.next));
  }

  /**
   * Stores in a transaction that everything before these offsets is handled; `learn` follows its commit.
   * @throws TransientError where the database is older than this process knew it
   */
  async advance(tx: Tx, offsets: readonly ConsumedOffset[]): Promise<readonly ConsumedOffset[]> {
    if (offsets.length === 0) return offsets;
    const since = (offset: ConsumedOffset) => String(this.known.get(partitionName(offset)) ?? 0n);
    const advances: Advance[] = offsets.map((offset) => ({ ...offset, since: since(offset) }));
    if ((await this.table.advance(tx, advances)) < advances.length) throw this.older();
    return offsets;
  }

  learn(committed: readonly ConsumedOffset[]): void {
    for (const offset of committed) {
      const name = partitionName(offset);
      const next = BigInt(offset.next);
      if (next > (this.known.get(name) ?? -1n)) this.known.set(name, next);
    }
  }

  private older(): TransientError {
    const error = new TransientError('the database is at an earlier point than this process knew it');
    this.onFatal(error);
    return error;
  }
}

/** The offsets after these records, one for each partition. */
export function offsetsAfter(records: readonly RawRecord[]): ConsumedOffset[] {
  const after = new Map<string, ConsumedOffset>();
  for (const record of records) {
    const { topic, partition, offset, timestamp } = record;
    const name = partitionName(record);
    const before = after.get(name);
    const next = BigInt(offset) + 1n;
    const isFurther = before === undefined || next > BigInt(before.next);
    const isNewer = !before?.appendedAt || timestamp > before.appendedAt;
    after.set(name, {
      topic,
      partition,
      next: isFurther ? String(next) : before.next,
      appendedAt: isNewer ? timestamp : before.appendedAt,
    });
  }
  return [...after.values()];
}
