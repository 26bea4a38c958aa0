import type { Store } from '@orderflow/durable';
import type { Process } from '../scheduler.js';
import { type MemoryDatabase, MemorySession, Table, type Tx } from './database.js';
import { MemoryParking, type ParkedRow } from './parking.js';
import { MemoryConnection } from './sessions.js';
import { MemoryCalls, MemoryDeadlines, MemoryInbox, MemoryOutbox, MemoryShardLocks } from './tables.js';

/** The tables of libs/durable in the database of one service, in memory. */
export class MemoryService {
  readonly inbox = new Table<true>('inbox');
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
