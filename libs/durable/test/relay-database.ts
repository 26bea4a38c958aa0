import { beforeEach } from '@jest/globals';
import { type OutgoingRecord, type Publisher } from '@orderflow/kafka';
import { TestDatabase } from '@orderflow/testing';
import { type Clock, systemClock } from '../src/base/clock.js';
import type { Dependencies, Log } from '../src/index.js';
import { Outbox } from '../src/outbox/outbox.js';
import { Relay } from '../src/outbox/relay.js';
import { RELAY_SESSION } from '../src/outbox/shard-locks.js';
import { Connection, Database } from '../src/store/database.js';
import { PostgresStore } from '../src/store/postgres-store.js';
import { quietLog } from './counters.js';

interface RelayOptions {
  /** Of its session. */
  readonly name?: string;
  readonly pollMs?: number;
  readonly table?: Outbox;
  readonly session?: Connection;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly ownLogs?: NonNullable<Dependencies['ownLogs']>;
}

/** A database whose outbox is published by relays: new for each test. The relays stop with it. */
export class RelayDatabase {
  database!: Database;
  readonly outbox = new Outbox();
  private readonly own = new TestDatabase('payments', 'test');

  constructor() {
    beforeEach(() => {
      this.database = this.own.ending(new Database(this.own.url, 'test'));
    });
  }

  get url(): string {
    return this.own.url;
  }

  /** A session that ends with the database. */
  connection(name: string, settings = {}): Connection {
    return this.own.ending(new Connection(this.own.url, name, settings));
  }

  start(publisher: Publisher, options: RelayOptions = {}): Relay {
    const { name = 'relay', pollMs = 50, table = this.outbox, log = quietLog, clock = systemClock, ownLogs } = options;
    const { session = new Connection(this.own.url, name, RELAY_SESSION) } = options;
    class OwnSession extends PostgresStore {
      override readonly outbox = table;
      override session(): Connection {
        return session;
      }
    }
    const relay = new Relay('payments', {
      store: new OwnSession(this.database, this.own.url),
      broker: { ...publisher, consume: () => Promise.reject(new Error('not used')) },
      clock,
      log,
      settings: { topicPrefix: '', outboxPollMs: pollMs },
      ...(ownLogs && { ownLogs }),
    });
    this.own.beforeDrop(() => relay.stop());
    relay.start();
    return relay;
  }

  async append(...records: OutgoingRecord[]): Promise<void> {
    await this.outbox.append(this.database, records);
  }

  readonly isDrained = async (): Promise<boolean> => (await this.outbox.state(this.database)).pending === 0;
}

export const record = (key: string, text: string): OutgoingRecord => ({
  topic: 'orders.events',
  key,
  value: Buffer.from(text),
  headers: { ce_id: text },
});

/** As many different texts, ascending. */
export const texts = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(4, '0'));

/** A publisher that notes the published values once `publish` is done, which may throw. */
export function notingPublisher(publish: (records: readonly OutgoingRecord[]) => unknown = () => undefined) {
  const published: string[] = [];
  const publisher: Publisher = {
    publish: async (records) => {
      await publish(records);
      published.push(...records.map(({ value }) => value.toString()));
      return [];
    },
  };
  return { published, publisher };
}
