import { inboxId, LEASE_MS, shardOf } from '@orderflow/durable';
import type {
  Advance,
  Attempt,
  CallTable,
  DeadlineChange,
  DeadlineTable,
  Failure,
  IncomingEvent,
  InboxTable,
  OffsetTable,
  OutboxRow,
  OutboxTable,
  PassedDeadline,
  PendingCall,
  SettledCall,
  ShardLocks,
  StoredContext,
  UndecodableRecord,
} from '@orderflow/durable';
import type { ConsumedOffset, OutgoingRecord } from '@orderflow/kafka';
import { type MemoryDatabase, type MemorySession, Table, type Tx } from './database.js';

type Now = () => number;

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

  private keyOf({ topic, partition }: ConsumedOffset): string {
    return `${this.consumer} ${topic}/${partition}`;
  }
}

export interface StoredRecord extends OutboxRow {
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
      return unsent.sort((a, b) => Number(a.id) - Number(b.id)).slice(0, limit);
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

  join(tx: Tx): Promise<number> {
    return tx.statement('count the relays', () => {
      tx.session.advisory.add('relay');
      return this.holders('relay').length;
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

interface CallRow extends PendingCall {
  readonly nextAttemptAt: number;
  readonly refusals: number;
  readonly isDead: boolean;
}

export class MemoryCalls implements CallTable<Tx> {
  readonly rows = new Table<CallRow>('external_calls');

  constructor(private readonly now: Now) {}

  async add(tx: Tx, calls: readonly PendingCall[]): Promise<void> {
    if (calls.length === 0) return;
    await tx.statement('add external calls', (view) => {
      const nextAttemptAt = this.now() + LEASE_MS;
      const rows = calls.map(({ key, kind, subject, request, context: { id, correlationId, traceparent } }) => {
        const context = { id, correlationId, traceparent };
        return [
          key,
          {
            key,
            kind,
            subject,
            request,
            context,
            attempts: 1,
            nextAttemptAt,
            deferredSince: null,
            refusals: 0,
            isDead: false,
          },
        ] as const;
      });
      view.insertMissing(this.rows, new Map(rows));
    });
  }

  async claim(tx: Tx, kinds: readonly string[], limit: number): Promise<PendingCall[]> {
    return tx.statement('claim calls', (view) => {
      const isDue = ([key, row]: [string, CallRow]) =>
        !row.isDead && row.nextAttemptAt <= this.now() && kinds.includes(row.kind) && view.isFree(this.rows, key);
      const due = view.all(this.rows).filter(isDue);
      const oldest = due.sort(([, a], [, b]) => a.nextAttemptAt - b.nextAttemptAt).slice(0, limit);
      const nextAttemptAt = this.now() + LEASE_MS;
      const keys = oldest.map(([key]) => key);
      return view.update(this.rows, keys, (row) => ({ ...row, attempts: row.attempts + 1, nextAttemptAt }));
    });
  }

  async renew(tx: Tx, attempts: readonly Attempt[]): Promise<string[]> {
    if (attempts.length === 0) return [];
    return tx.statement('renew leases', (view) => {
      const nextAttemptAt = this.now() + LEASE_MS;
      const isOurs = (attempt: Attempt) => {
        const row = view.get(this.rows, attempt.key);
        return row?.attempts === attempt.attempts && !row.isDead && row.nextAttemptAt <= nextAttemptAt;
      };
      const keys = attempts.filter(isOurs).map(({ key }) => key);
      view.update(this.rows, keys, (row) => ({ ...row, nextAttemptAt }));
      return keys;
    });
  }

  async release(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length === 0) return;
    await tx.statement('release calls', (view) => {
      const isOurs = ({ key, attempts }: Attempt) => view.get(this.rows, key)?.attempts === attempts;
      const keys = attempts.filter(isOurs).map(({ key }) => key);
      view.update(this.rows, keys, (row) => ({ ...row, nextAttemptAt: this.now() }));
    });
  }

  async retryIn(tx: Tx, { key, attempts }: Attempt, delayMs: number, failure: Failure): Promise<boolean> {
    const { isDeferral, mostRefusals } = failure;
    return tx.statement('schedule the next attempt', (view) => {
      view.update(this.rows, [key], (row) => {
        if (row.attempts !== attempts) return row;
        const deferredSince = isDeferral ? (row.deferredSince ?? new Date(this.now())) : row.deferredSince;
        const refusals = row.refusals + (mostRefusals === undefined ? 0 : 1);
        const isDead = mostRefusals !== undefined && refusals >= mostRefusals;
        return { ...row, nextAttemptAt: this.now() + delayMs, deferredSince, refusals, isDead };
      });
      return view.get(this.rows, key)?.isDead ?? false;
    });
  }

  async answered(tx: Tx, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await tx.statement('delete answered calls', (view) => view.delete(this.rows, keys));
  }

  async dead(tx: Tx, keys: readonly string[]): Promise<Set<string>> {
    if (keys.length === 0) return new Set();
    return tx.statement('lock dead calls', (view) => {
      const dead = keys.filter((key) => view.get(this.rows, key)?.isDead);
      view.update(this.rows, dead, (row) => row);
      return new Set(dead);
    });
  }

  async settled(tx: Tx, settlements: readonly SettledCall[]): Promise<void> {
    const keys = settlements.map(({ key }) => key);
    if (keys.length > 0) await tx.statement('delete settled calls', (view) => view.delete(this.rows, keys));
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

  async passed(tx: Tx, limit: number): Promise<PassedDeadline[]> {
    return tx.statement('read passed deadlines', (view) => {
      const passed = view.all(this.rows).filter(([, { dueAt }]) => dueAt <= this.now());
      return passed
        .sort(([, a], [, b]) => a.dueAt - b.dueAt)
        .slice(0, limit)
        .map(([subject, { dueAt, context }]) => ({ subject, dueAt: String(dueAt), context }));
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
    const { id, correlationId, traceparent } = context;
    return { dueAt: this.now() + inSeconds * 1000, context: { id, correlationId, traceparent } };
  }
}
