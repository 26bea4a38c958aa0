import type { Service } from '@orderflow/contracts';
import { ExternalCalls } from '../calls/external-calls.js';
import { Deadlines } from '../deadlines/deadlines.js';
import { Inbox } from '../inbox/inbox.js';
import { OffsetRows } from '../offsets/consumed-offsets.js';
import { Outbox } from '../outbox/outbox.js';
import { PostgresShardLocks, RELAY_SESSION } from '../outbox/shard-locks.js';
import { Parking } from '../parking/parking.js';
import { Connection, type Database } from './database.js';
import type { Store } from './store.js';
import { WatchedConnection, WriteWatch } from './write-watch.js';

/** A service's own database. */
export class PostgresStore implements Store {
  readonly outbox = new Outbox();
  readonly calls = new ExternalCalls();
  readonly deadlines = new Deadlines();
  readonly shardLocks = new PostgresShardLocks();
  /** Learns from the batches. */
  readonly writes: WriteWatch;

  /** @param url of the same database, for the connections of batches and relay */
  constructor(
    readonly database: Database,
    private readonly url: string,
  ) {
    this.writes = new WriteWatch(database, url);
  }

  inbox(consumer: string, ofEvents?: boolean): Inbox {
    return new Inbox(consumer, ofEvents);
  }

  offsets(consumer: string): OffsetRows {
    return new OffsetRows(consumer);
  }

  parking(service: Service, consumer: string, topicPrefix: string): Parking {
    return new Parking(service, consumer, topicPrefix);
  }

  // Everything is looked up by key. For a large batch the planner would prefer to scan the table, and the cost of an order
  // would grow with the number of past orders.
  batches(consumer: string): Connection {
    return new WatchedConnection(this.writes, this.url, consumer, { enable_seqscan: 'off' });
  }

  session(name: string): Connection {
    return new Connection(this.url, name, RELAY_SESSION);
  }
}
