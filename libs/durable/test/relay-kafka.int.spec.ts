import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KafkajsBroker, type Publisher, PublishRefused } from '@orderflow/kafka';
import { TestDatabase } from '@orderflow/testing';
import { RELAY_SESSION } from '../src/outbox/shard-locks.js';
import { Connection, Database } from '../src/store/database.js';
import { dependenciesOf } from './counters.js';
import { Outbox } from '../src/outbox/outbox.js';
import { PostgresStore } from '../src/store/postgres-store.js';
import { Relay } from '../src/outbox/relay.js';

const brokers = process.env['KAFKA_BROKERS']?.split(',') ?? [];

// npm test always has a broker; the other tests of this library need PostgreSQL only.
(brokers.length > 0 ? describe : describe.skip)('two relays on a real broker', () => {
  const own = new TestDatabase('payments');

  it('publish every row, each key in order, although the session of one is terminated', async () => {
    const prefix = `test-${randomUUID()}.`;
    const database = own.ending(new Database(own.url, 'test'));
    const publishers = [1, 2].map(() => new KafkajsBroker({ brokers, clientId: 'test', log: () => undefined }));
    const [reader] = publishers as [KafkajsBroker];
    await reader.ensureTopics(prefix);
    const topic = `${prefix}payments.events`;
    class Sessions extends PostgresStore {
      private sessions = 0;
      override session(): Connection {
        return new Connection(own.url, `relay ${this.sessions++}`, RELAY_SESSION);
      }
    }
    const store = new Sessions(database, own.url);
    const relays = publishers.map((broker) => new Relay('payments', { ...dependenciesOf(own.url), store, broker }));
    const keys = Array.from({ length: 20 }, () => randomUUID());
    const texts = Array.from({ length: 50 }, (_, i) => String(i).padStart(2, '0'));
    try {
      for (const relay of relays) relay.start();
      for (const text of texts) {
        await new Outbox().append(
          database,
          keys.map((key) => ({ topic, key, value: Buffer.from(text), headers: { ce_id: `${key}/${text}` } })),
        );
        if (text === '25')
          await database.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'relay 0'`,
          );
      }
      const consumed = new Map<string, Set<string>>(keys.map((key) => [key, new Set()]));
      await reader.consume({
        groupId: `${prefix}group`,
        topics: [topic],
        onBatch: async (records) => {
          for (const record of records) {
            expect(record.headers['ce_id']?.toString()).toBe(`${record.key?.toString()}/${record.value?.toString()}`);
            consumed.get(record.key!.toString())!.add(record.value!.toString());
          }
        },
        onFatal: () => undefined,
      });
      await eventually(() => keys.every((key) => consumed.get(key)!.size === texts.length), 40_000);
      for (const key of keys) expect([...consumed.get(key)!]).toEqual(texts);
      await eventually(async () => (await new Outbox().state(database)).pending === 0);
    } finally {
      await Promise.all(relays.map((relay) => relay.stop()));
      await Promise.all(publishers.map((publisher) => publisher.disconnect()));
    }
  }, 90_000);

  it('publish the events of large orders of one partition without a refusal', async () => {
    const prefix = `test-${randomUUID()}.`;
    const database = own.ending(new Database(own.url, 'test'));
    const broker = new KafkajsBroker({ brokers, clientId: 'test', log: () => undefined });
    await broker.ensureTopics(prefix);
    const refusals: unknown[] = [];
    const noting: Publisher = {
      publish: (records) =>
        broker.publish(records).catch((error: unknown) => {
          // A topic that was just created may have no leader for a moment: the relay sends again.
          if (error instanceof PublishRefused) refusals.push(error);
          throw error;
        }),
    };
    const settings = { ...dependenciesOf(own.url), broker: { ...noting, consume: () => Promise.reject(new Error()) } };
    const relay = new Relay('payments', { ...settings, store: new PostgresStore(database, own.url) });
    const topic = `${prefix}payments.events`;
    const rows = Array.from({ length: 100 }, () => ({ topic, key: 'k', value: Buffer.alloc(30_000), headers: {} }));
    try {
      await new Outbox().append(database, rows);
      relay.start();
      await eventually(async () => (await new Outbox().state(database)).pending === 0);
      expect(refusals).toEqual([]);
    } finally {
      await relay.stop();
      await broker.disconnect();
    }
  }, 60_000);
});
