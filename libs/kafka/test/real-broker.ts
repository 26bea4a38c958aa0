import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { RawRecord, RunningConsumer, Subscription } from '../src/broker.js';
import { KafkajsBroker, type KafkajsBrokerOptions } from '../src/driver/kafkajs-broker.js';
import { guardRequestQueueTimer } from '../src/driver/patches/request-queue-timer.js';
import { partitionCounts } from '../src/driver/topics.js';

/** Needs KAFKA_BROKERS. */
export const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

// The admin client of the tests is kafkajs' own.
guardRequestQueueTimer();

/** A broker on which each test of a file has a topic and a group of its own. After a test its connections are closed. */
export class RealBroker {
  prefix = '';
  admin!: Admin;
  readonly #open: KafkajsBroker[] = [];

  constructor() {
    beforeEach(() => {
      this.prefix = `test-${randomUUID()}.`;
      this.admin = new Kafka({ brokers, clientId: 'test', logLevel: logLevel.NOTHING }).admin();
    });
    afterEach(async () => {
      await Promise.all(this.#open.splice(0).map((broker) => broker.disconnect()));
      await this.admin.disconnect();
    });
  }

  get topic(): string {
    return `${this.prefix}events`;
  }

  get groupId(): string {
    return `${this.prefix}group`;
  }

  async start(partitions = 3, config: Record<string, string> = {}): Promise<void> {
    await this.admin.connect();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({
      topics: [{ topic: this.topic, numPartitions: partitions, configEntries }],
      waitForLeaders: false,
    });
    await partitionCounts(this.admin, [this.topic]);
    // A broker names itself the leader a moment before it is one: until then it refuses records.
    await eventually(() => this.stored());
  }

  /** A client with connections of its own, as in a process of its own. */
  broker(addresses: readonly string[] = brokers, options: Partial<KafkajsBrokerOptions> = {}): KafkajsBroker {
    const broker = new KafkajsBroker({ brokers: addresses, clientId: 'test', ...options });
    this.#open.push(broker);
    return broker;
  }

  async consume(onBatch: Subscription['onBatch'], topic = this.topic): Promise<RunningConsumer> {
    return this.broker().consume({ groupId: this.groupId, topics: [topic], onBatch, onFatal: () => undefined });
  }

  /** Collects the values of the records that a new consumer of the group is handed. */
  async collect(): Promise<{ consumed: string[]; consumer: RunningConsumer }> {
    const consumed: string[] = [];
    const consumer = await this.consume(async (records) => void consumed.push(...records.map(valueOf)));
    return { consumed, consumer };
  }

  /** Publishes `count` records over `keys` keys; values are `<key>:<number>`, ascending per key. */
  async publish(count: number, keys = 3, from = 0): Promise<string[]> {
    const records = Array.from({ length: count }, (_, i) => {
      const key = `k${(from + i) % keys}`;
      const value = `${key}:${from + i}`;
      return { topic: this.topic, key, value: Buffer.from(value), headers: { ce_id: value } };
    });
    await this.broker().publish(records);
    return records.map(({ headers }) => headers.ce_id);
  }

  /** Publishes two records in a transaction that is aborted, as another system may. */
  async abortTransaction(): Promise<void> {
    const before = await this.stored();
    const producer = new Kafka({ brokers, clientId: 'test', logLevel: logLevel.NOTHING }).producer({
      transactionalId: randomUUID(),
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: this.topic, messages: [{ value: 'a' }, { value: 'b' }] });
    await transaction.abort();
    await producer.disconnect();
    // The coordinator answers before its marker is in the partition. Until then the partition ends before the transaction.
    await eventually(async () => (await this.stored()) === before + 3);
  }

  /** The sum of the group's committed offsets. */
  async committed(): Promise<number> {
    const [topic] = await this.admin.fetchOffsets({ groupId: this.groupId, topics: [this.topic] });
    return (topic?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }

  /** Number of records in the topic: more than were published where a request was repeated. */
  async stored(): Promise<number> {
    const partitions = await this.admin.fetchTopicOffsets(this.topic);
    return partitions.reduce((sum, { high }) => sum + Number(high), 0);
  }
}

export const valueOf = (record: RawRecord): string => record.value?.toString() ?? '';

/** Without duplicates: a publish with an unknown outcome is repeated, so the log may hold a record twice. */
export const once = (values: readonly string[]): string[] => [...new Set(values)];

/** The values of one key. */
export const perKey = (values: readonly string[], key: string): string[] =>
  values.filter((value) => value.startsWith(`${key}:`));
