import type { Service } from '@orderflow/contracts';
import { Connection, type Database } from './database.js';
import { Deadlines } from '../deadlines/deadlines.js';
import { Inbox } from '../inbox/inbox.js';
import { Outbox } from '../outbox/outbox.js';
import { OutsideCalls } from '../calls/outside-calls.js';
import { Parking } from '../parking/parking.js';
import { RELAY_SESSION, RelayShares } from '../outbox/relay-shares.js';
import type { Store } from './store.js';

/** A service's own database. */
export class PostgresStore implements Store {
  readonly outbox = new Outbox();
  readonly calls = new OutsideCalls();
  readonly deadlines = new Deadlines();
  readonly shares = new RelayShares();

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
