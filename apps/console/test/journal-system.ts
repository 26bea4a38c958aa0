import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { type Event, type Service, services, topicOf } from '@orderflow/contracts';
import { Database } from '@orderflow/durable';
import { EventCodec, KafkajsBroker, type OutgoingRecord, SchemaRegistry } from '@orderflow/kafka';
import { TestDatabase } from '@orderflow/testing';
import { JournalConsumer } from '../src/adapters/journal-consumer.js';
import { PostgresJournal } from '../src/adapters/postgres-journal.js';
import { Reach } from '../src/adapters/reach.js';

/** The journal on real topics of its own, fed by a publisher instead of the services. */
export class JournalSystem {
  readonly prefix = `test-${randomUUID()}.`;
  database!: Database;
  broker!: KafkajsBroker;
  journal!: PostgresJournal;
  codec!: EventCodec;
  private readonly own = new TestDatabase('console');
  private readonly codecs = new Map<Service, EventCodec>();
  private readonly consumers = new Set<JournalConsumer>();

  constructor() {
    beforeAll(async () => {
      const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
      const registry = new SchemaRegistry(process.env['SCHEMA_REGISTRY_URL'] ?? '');
      this.broker = new KafkajsBroker({ brokers, clientId: 'test' });
      await this.broker.ensureTopics(this.prefix);
      for (const service of services)
        this.codecs.set(service, await EventCodec.start({ registry, service, autoRegister: true }));
      this.codec = await EventCodec.start({ registry, autoRegister: false });
      this.database = this.own.ending(new Database(this.own.url, 'test'));
      this.journal = this.reader();
    });
    afterAll(async () => {
      await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
      await this.broker.disconnect();
    });
  }

  get url(): string {
    return this.own.url;
  }

  /** A journal of the same system, as another process reads it. */
  reader(): PostgresJournal {
    const reach = new Reach(this.broker, this.database, this.prefix);
    return new PostgresJournal(this.database, this.codec, reach, { onWritten: () => () => undefined });
  }

  /** A member of the group. */
  async consume(): Promise<JournalConsumer> {
    const { broker, codec, database, url: databaseUrl, prefix } = this;
    const onFatal = (error: Error) => {
      throw error;
    };
    const consumer = new JournalConsumer({ broker, codec, database, databaseUrl, prefix, onFatal });
    this.consumers.add(consumer);
    await consumer.start();
    return consumer;
  }

  async stop(consumer: JournalConsumer): Promise<void> {
    this.consumers.delete(consumer);
    await consumer.stop();
  }

  recordOf(event: Event, traceparent?: string): OutgoingRecord {
    return {
      topic: this.prefix + topicOf(event.type),
      key: event.subject,
      value: this.codecs.get(event.source)!.encode(event),
      headers: { ce_id: event.id, ce_type: event.type, ...(traceparent && { traceparent }) },
    };
  }

  async publish(...events: readonly Event[]): Promise<void> {
    await this.broker.publish(events.map((event) => this.recordOf(event)));
  }

  /** Resolves once the journal has read everything that is on the topics. */
  async caughtUp(): Promise<void> {
    const since = new Date();
    await eventually(async () => {
      if ((await this.journal.through()) < since) throw new Error('the journal is behind');
    });
  }

  /** A record of an hour ago: of instants since then the journal can answer. */
  async beganAnHourAgo(): Promise<void> {
    await this.database.query(
      `INSERT INTO journal (position, subject, type, appended_at, topic, partition, "offset", repeats)
       VALUES (0, '', '', now() - interval '1 hour', 'inventory.products', 0, 0, false)`,
    );
  }

  async countRows(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>('SELECT count(*)::int AS count FROM journal');
    return row!.count;
  }
}
