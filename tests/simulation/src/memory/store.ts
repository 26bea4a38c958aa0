import type { Service } from '@orderflow/contracts';
import type { Store } from '@orderflow/durable';
import type { Process, Scheduler } from '../scheduler.js';
import { type DatabaseEvents, MemoryDatabase, Table } from './database.js';
import { MemoryParking, type ParkedRow } from './parking.js';
import { MemoryConnection, MemoryServer, MemorySession, Statements, type Tx } from './sessions.js';
import { MemoryCalls, MemoryDeadlines, MemoryInbox, MemoryOutbox, MemoryShardLocks } from './tables.js';

/** The database of one service, in memory. */
export class MemoryService {
  readonly server: MemoryServer;
  readonly inbox = new Table<true>('inbox');
  readonly parked = new Table<ParkedRow>('parked');
  readonly outbox: MemoryOutbox;
  readonly calls: MemoryCalls;
  readonly deadlines: MemoryDeadlines;
  readonly shardLocks: MemoryShardLocks;

  constructor(
    scheduler: Scheduler,
    readonly now: () => number,
    events?: DatabaseEvents,
  ) {
    this.server = new MemoryServer(new MemoryDatabase(events), scheduler);
    this.outbox = new MemoryOutbox(now);
    this.calls = new MemoryCalls(now);
    this.deadlines = new MemoryDeadlines(now);
    this.shardLocks = new MemoryShardLocks(this.server);
  }

  /** The times at which a call, a deadline or a parked record becomes due. */
  dueTimes(): number[] {
    return [
      ...[...this.calls.rows.rows.values()].map(({ nextAttemptAt }) => nextAttemptAt),
      ...[...this.deadlines.rows.rows.values()].map(({ dueAt }) => dueAt),
      ...[...this.parked.rows.values()].flatMap(({ nextAttemptAt, isDead }) => (isDead ? [] : [nextAttemptAt])),
    ];
  }
}

/** The database of a service, connected to one process. */
export class MemoryStore implements Store<Tx> {
  readonly database: Tx;
  readonly outbox: MemoryOutbox;
  readonly calls: MemoryCalls;
  readonly deadlines: MemoryDeadlines;
  readonly shardLocks: MemoryShardLocks;

  constructor(
    private readonly service: MemoryService,
    private readonly process: Process,
  ) {
    const { server, outbox, calls, deadlines, shardLocks } = service;
    // A pool replaces lost connections; here each statement has a connection of its own.
    this.database = {
      get session() {
        return new MemorySession(process, server);
      },
      async statement(label, run) {
        const session = new MemorySession(process, server);
        try {
          return await new Statements(server, session).statement(label, run);
        } finally {
          session.end();
        }
      },
    };
    this.outbox = outbox;
    this.calls = calls;
    this.deadlines = deadlines;
    this.shardLocks = shardLocks;
  }

  inbox(consumer: string, ofEvents = true): MemoryInbox {
    return new MemoryInbox(this.service.inbox, consumer, ofEvents);
  }

  parking(service: Service, consumer: string, topicPrefix: string): MemoryParking {
    return new MemoryParking(this.service.parked, this.service.now, service, consumer, topicPrefix);
  }

  batches(): MemoryConnection {
    return new MemoryConnection(this.service.server, this.process);
  }

  session(): MemoryConnection {
    return new MemoryConnection(this.service.server, this.process);
  }
}
