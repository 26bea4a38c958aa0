import { inboxId, SHARDS, shardOf } from '@orderflow/durable';
import type {
  Advance,
  DeadlineChange,
  DeadlineTable,
  IncomingEvent,
  InboxTable,
  OffsetTable,
  OutboxRow,
  OutboxTable,
  PassedDeadline,
  ShardLocks,
  StoredContext,
  UndecodableRecord,
} from '@orderflow/durable';
import type { ConsumedOffset, ExpiredRange, OutgoingRecord } from '@orderflow/kafka';
import { type MemoryDatabase, type MemorySession, Table, type Tx } from './database.js';

/** The time of the database, in milliseconds. */
export type Now = () => number;

export class MemoryInbox implements InboxTable<Tx> {
  constructor(
    private readonly rows: Table<true>,
    private readonly consumer: string,
    private readonly ofEvents: boolean,
  ) {}

  async admit(tx: Tx, incoming: readonly (IncomingEvent<unknown> | UndecodableRecord)[]): Promise<ReadonlySet<string>> {
    const isNoted = ({ kind }: IncomingEvent<unknown> | UndecodableRecord) => this.ofEvents || kind === 'undecodable';
    const others = incoming.filter((one) => !isNoted(one)).map(inboxId);
    const noted = incoming.filter(isNoted).map(inboxId).sort();
    if (noted.length === 0) return new Set(others);
    const rows = new Map(noted.map((id) => [`${this.consumer} ${id}`, true as const]));
    const fresh = await tx.statement('inbox', (view) => view.insertMissing(this.rows, rows));
    return new Set([...others, ...fresh.map((key) => key.slice(this.consumer.length + 1))]);
  }

  // A run is shorter than the retention of the inbox.
  async purge(): Promise<boolean> {
    return false;
  }
}

export class MemoryOffsets implements OffsetTable<Tx> {
  constructor(
    private readonly rows: Table<ConsumedOffset>,
    private readonly consumer: string,
  ) {}

  read(tx: Tx): Promise<readonly ConsumedOffset[]> {
    const isOurs = ([key]: [string, ConsumedOffset]) => key.startsWith(`${this.consumer} `);
    return tx.statement('read offsets', (view) =>
      view
        .all(this.rows)
        .filter(isOurs)
        .map(([, row]) => row),
    );
  }

  advance(tx: Tx, offsets: readonly Advance[]): Promise<number> {
    return tx.statement('advance offsets', (view) => {
      const stored = (offset: Advance) => view.get(this.rows, this.keyOf(offset));
      const moved = offsets.filter((offset) => Number(stored(offset)?.next ?? 0) >= Number(offset.since));
      const further = moved.filter((offset) => Number(stored(offset)?.next ?? -1) < Number(offset.next));
      view.upsert(this.rows, new Map(further.map(({ since: _since, ...row }) => [this.keyOf(row), row])));
      return moved.length;
    });
  }

  async set(tx: Tx, offsets: readonly ConsumedOffset[]): Promise<void> {
    await tx.statement('set offsets', (view) =>
      view.upsert(this.rows, new Map(offsets.map((row) => [this.keyOf(row), row]))),
    );
  }

  // The simulated broker keeps every record, and nothing there reads the ranges.
  skip(tx: Tx, expired: readonly ExpiredRange[]): Promise<number> {
    return tx.statement('skip expired records', (view) => {
      const moved = expired.flatMap((range) => {
        const stored = view.get(this.rows, this.keyOf(range));
        return stored?.next === range.first ? [[this.keyOf(range), { ...stored, next: range.next }] as const] : [];
      });
      view.upsert(this.rows, new Map(moved));
      return moved.length;
    });
  }

  private keyOf({ topic, partition }: Pick<ConsumedOffset, 'topic' | 'partition'>): string {
    return `${this.consumer} ${topic}/${partition}`;
  }
}

export interface StoredRecord extends Omit<OutboxRow, 'isLast'> {
  readonly shard: number;
  readonly isRejected: boolean;
}

export class MemoryOutbox implements OutboxTable<Tx> {
  readonly rows = new Table<StoredRecord>('outbox');

  constructor(private readonly now: Now) {}

  /** Whether any row is not blocked by a rejected one. */
  get hasRowsToSend(): boolean {
    return this.rows.some(({ key }) => !this.rows.some((other) => other.isRejected && other.key === key));
  }

  async append(tx: Tx, records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return;
    await tx.statement('append to the outbox', (view) => {
      const createdAt = new Date(this.now());
      const rows = records.map((record) => {
        const id = view.nextNumber();
        return [id, { ...record, id, createdAt, shard: shardOf(record.key), isRejected: false }] as const;
      });
      view.insert(this.rows, new Map(rows));
    });
  }

  async unsent(tx: Tx, shards: readonly number[], limit: number): Promise<OutboxRow[]> {
    return tx.statement('read the outbox', (view) => {
      const rows = view.all(this.rows).map(([, row]) => row);
      const blocked = new Set(rows.flatMap(({ isRejected, key }) => (isRejected ? [key] : [])));
      const unsent = rows.filter(({ shard, key }) => shards.includes(shard) && !blocked.has(key));
      const oldest = unsent.sort((a, b) => Number(a.id) - Number(b.id)).slice(0, limit);
      return oldest.map((row, i) => ({ ...row, isLast: i === unsent.length - 1 && unsent.length < limit }));
    });
  }

  async sent(tx: Tx, rows: readonly OutboxRow[]): Promise<void> {
    const ids = rows.map(({ id }) => id);
    await tx.statement('delete sent rows', (view) => view.delete(this.rows, ids));
  }

  async published(tx: Tx, eventIds: readonly string[]): Promise<void> {
    await tx.statement('delete published rows', (view) => {
      const ours = view.all(this.rows).filter(([, { headers }]) => eventIds.includes(headers['ce_id']!));
      view.delete(
        this.rows,
        ours.map(([id]) => id),
      );
    });
  }

  async rejected(tx: Tx, { id }: OutboxRow): Promise<void> {
    await tx.statement('reject a row', (view) => view.update(this.rows, [id], (row) => ({ ...row, isRejected: true })));
  }
}

/** As advisory locks: they belong to a session and end with it. */
export class MemoryShardLocks implements ShardLocks<Tx> {
  /** The last session that held each shard. */
  private readonly last = new Map<number, MemorySession>();

  constructor(private readonly database: MemoryDatabase) {}

  join(tx: Tx): Promise<{ relays: number; held: number[] }> {
    return tx.statement('count the relays', () => {
      tx.session.advisory.add('relay');
      const held = [...Array(SHARDS).keys()].filter((shard) => tx.session.advisory.has(`shard ${shard}`));
      return { relays: this.holders('relay').length, held };
    });
  }

  take(tx: Tx, shard: number): Promise<boolean> {
    return tx.statement(`take shard ${shard}`, () => {
      const holders = this.holders(`shard ${shard}`);
      if (holders.length === 0) {
        tx.session.advisory.add(`shard ${shard}`);
        if ((this.last.get(shard) ?? tx.session) !== tx.session) this.database.rare.add('a relay took over a shard');
        this.last.set(shard, tx.session);
      }
      return holders.length === 0 || holders.includes(tx.session);
    });
  }

  async giveBack(tx: Tx, shard: number): Promise<void> {
    await tx.statement(`give back shard ${shard}`, () => tx.session.advisory.delete(`shard ${shard}`));
  }

  /** The sessions that hold a lock. */
  private holders(name: string) {
    return [...this.database.sessions].filter(({ advisory }) => advisory.has(name));
  }
}

interface DeadlineRow {
  readonly dueAt: number;
  readonly context: StoredContext;
}

export class MemoryDeadlines implements DeadlineTable<Tx> {
  readonly rows = new Table<DeadlineRow>('deadlines');

  constructor(private readonly now: Now) {}

  async apply(tx: Tx, changes: ReadonlyMap<string, DeadlineChange>): Promise<void> {
    const set = [...changes].flatMap(([subject, due]) => (due ? [[subject, due] as const] : []));
    const gone = [...changes].flatMap(([subject, due]) => (due ? [] : [subject]));
    await Promise.all([
      ...(set.length > 0
        ? [
            tx.statement('set deadlines', (view) =>
              view.upsert(this.rows, new Map(set.map(([subject, due]) => [subject, this.rowOf(due)]))),
            ),
          ]
        : []),
      ...(gone.length > 0 ? [tx.statement('clear deadlines', (view) => view.delete(this.rows, gone))] : []),
    ]);
  }

  async passed(tx: Tx, limit: number, after?: PassedDeadline): Promise<PassedDeadline[]> {
    return tx.statement('read passed deadlines', (view) => {
      const passed = view
        .all(this.rows)
        .filter(([, { dueAt }]) => dueAt <= this.now())
        .sort(([a, { dueAt }], [b, other]) => dueAt - other.dueAt || (a < b ? -1 : 1))
        .map(([subject, { dueAt, context }]) => ({ subject, dueAt: String(dueAt), context }));
      const isLeft = ({ subject, dueAt }: PassedDeadline) =>
        after === undefined ||
        Number(dueAt) > Number(after.dueAt) ||
        (dueAt === after.dueAt && subject > after.subject);
      return passed.filter(isLeft).slice(0, limit);
    });
  }

  async remove(tx: Tx, passed: readonly PassedDeadline[]): Promise<void> {
    if (passed.length === 0) return;
    await tx.statement('remove passed deadlines', (view) => {
      const isUnchanged = ({ subject, dueAt }: PassedDeadline) => String(view.get(this.rows, subject)?.dueAt) === dueAt;
      const subjects = passed.filter(isUnchanged).map(({ subject }) => subject);
      view.delete(this.rows, subjects);
    });
  }

  private rowOf({ inSeconds, context }: NonNullable<DeadlineChange>): DeadlineRow {
    const { id, correlationId, traceparent, tracestate } = context;
    return { dueAt: this.now() + inSeconds * 1000, context: { id, correlationId, traceparent, tracestate } };
  }
}
