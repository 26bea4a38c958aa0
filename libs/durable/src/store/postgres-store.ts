import type { Service } from '@orderflow/contracts';
import { Connection, type Database } from './database.js';
import { Deadlines } from '../deadlines/deadlines.js';
import { Inbox } from '../inbox/inbox.js';
import { Outbox } from '../outbox/outbox.js';
import { ExternalCalls } from '../calls/external-calls.js';
import { Parking } from '../parking/parking.js';
import { RELAY_SESSION, PostgresShardLocks } from '../outbox/shard-locks.js';
import type { Store } from './store.js';

/** A service's own database. */
export class PostgresStore implements Store {
  readonly outbox = new Outbox();
  readonly calls = new ExternalCalls();
  readonly deadlines = new Deadlines();
  readonly shardLocks = new PostgresShardLocks();

  /** @param url of the same database, for the connections that batches and relay have of their own */
  constructor(
    readonly database: Database,
    private readonly url: string,
  ) {}

  inbox(consumer: string, ofEvents?: boolean): Inbox {
    return new Inbox(consumer, ofEvents);
  }

  parking(service: Service, consumer: string, topicPrefix: string): Parking {
    return new Parking(service, consumer, topicPrefix);
  }

  // Everything is looked up by key. For a large batch the planner would rather read the whole table, and so the cost of
  // an order would grow with the number of past ones.
  batches(consumer: string): Connection {
    return new Connection(this.url, consumer, { enable_seqscan: 'off' });
  }

  session(name: string): Connection {
    return new Connection(this.url, name, RELAY_SESSION);
  }
}
