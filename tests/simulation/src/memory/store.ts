import type { Session, Store, Transactions } from '@orderflow/durable';
import type { ConsumedOffset } from '@orderflow/kafka';
import type { Process } from '../scheduler.js';
import { type MemoryDatabase, MemorySession, Table, type Transaction, type Tx, View } from './database.js';
import { MemoryParking, type ParkedRow } from './parking.js';
import { MemoryCalls } from './calls.js';
import { MemoryDeadlines, MemoryInbox, MemoryOffsets, MemoryOutbox, MemoryShardLocks } from './tables.js';

/** The tables of libs/durable in the database of one service, in memory. */
export class MemoryService {
  readonly inbox = new Table<true>('inbox');
  readonly consumed = new Table<ConsumedOffset>('consumed_offsets');
  readonly parked = new Table<ParkedRow>('parked');
  readonly outbox: MemoryOutbox;
  readonly calls: MemoryCalls;
  readonly deadlines: MemoryDeadlines;
  readonly shardLocks: MemoryShardLocks;

  constructor(
    readonly database: MemoryDatabase,
    private readonly now: () => number,
  ) {
    this.outbox = new MemoryOutbox(now);
    this.calls = new MemoryCalls(now);
    this.deadlines = new MemoryDeadlines(now);
    this.shardLocks = new MemoryShardLocks(database);
  }

  /** The times at which a call, a deadline or a parked record becomes due. */
  dueTimes(): number[] {
    return [
      ...[...this.calls.rows.values()].map(({ nextAttemptAt }) => nextAttemptAt),
      ...[...this.deadlines.rows.values()].map(({ dueAt }) => dueAt),
      ...[...this.parked.values()].flatMap(({ nextAttemptAt, isDead }) => (isDead ? [] : [nextAttemptAt])),
    ];
  }

  /** The store, connected to one process. */
  of(process: Process): Store<Tx> {
    const { database, now, outbox, calls, deadlines, shardLocks } = this;
    const connect = () => new MemoryConnection(database, process);
    return {
      database: pool(database, process),
      outbox,
      calls,
      deadlines,
      shardLocks,
      inbox: (consumer, ofEvents = true) => new MemoryInbox(this.inbox, consumer, ofEvents),
      offsets: (consumer) => new MemoryOffsets(this.consumed, consumer),
      parking: (service, consumer, prefix) => new MemoryParking(this.parked, now, service, consumer, prefix),
      batches: connect,
      session: connect,
    };
  }
}

/** A pool replaces lost connections; here each statement has a connection of its own. */
const pool = (database: MemoryDatabase, process: Process): Tx => ({
  get session() {
    return new MemorySession(process, database);
  },
  async statement(label, run) {
    const { session } = this;
    try {
      return await session.statement(label, run);
    } finally {
      session.end();
    }
  },
});

/** Runs statements of one transaction in the order in which they were started. */
function inTransaction(database: MemoryDatabase, session: MemorySession, transaction: Transaction): Tx {
  let last: Promise<unknown> = Promise.resolve();
  return {
    session,
    statement(label, run) {
      const view = new View(database, transaction);
      const execute = () => database.execute(transaction, run, view);
      const done = last.then(() => database.scheduler.request(session.process, label, execute));
      // The caller gets the error; the next statement finds the transaction failed.
      last = done.catch(() => undefined);
      return done;
    },
  };
}

/** As `Connection` of libs/durable: opened again on next use after a failed transaction or a lost connection. */
class MemoryConnection implements Transactions<Tx>, Session<Tx> {
  private current: MemorySession | undefined;

  constructor(
    private readonly database: MemoryDatabase,
    private readonly process: Process,
  ) {}

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { database, process } = this;
    const session = this.open();
    try {
      const transaction = session.begin();
      const result = await work(inTransaction(database, session, transaction));
      await database.scheduler.request(process, 'COMMIT', () => database.commit(transaction));
      session.transactions.delete(transaction);
      return result;
    } catch (error) {
      session.end();
      throw error;
    }
  }

  async session<T>(work: (session: MemorySession) => Promise<T>): Promise<T> {
    return work(this.open());
  }

  private open(): MemorySession {
    if (this.current?.isEnded) this.current = undefined;
    return (this.current ??= new MemorySession(this.process, this.database));
  }

  get isOpen(): boolean {
    return this.current !== undefined && !this.current.isEnded;
  }

  async end(): Promise<void> {
    this.current?.end();
    this.current = undefined;
  }
}
