import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { RawRecord, RunningConsumer, Subscription } from '../src/broker.js';
import { KafkajsBroker } from '../src/driver/kafkajs-broker.js';
import { guardRequestQueueTimer } from '../src/driver/patches/request-queue-timer.js';
import { partitionCounts } from '../src/driver/topics.js';

/** Needs KAFKA_BROKERS. */
export const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');

// The admin client of the tests is kafkajs' own.
guardRequestQueueTimer();

/** Topics and groups of one test, and every connection to close after it. */
export class RealBroker {
  readonly prefix = `test-${randomUUID()}.`;
  readonly topic = `${this.prefix}events`;
  readonly groupId = `${this.prefix}group`;
  readonly admin: Admin = new Kafka({ brokers, clientId: 'test', logLevel: logLevel.NOTHING }).admin();
  readonly #open: KafkajsBroker[] = [];

  async start(partitions = 3, config: Record<string, string> = {}): Promise<void> {
    await this.admin.connect();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({
      topics: [{ topic: this.topic, numPartitions: partitions, configEntries }],
      waitForLeaders: false,
    });
    await partitionCounts(this.admin, [this.topic]);
  }

  /** A client with connections of its own, as in a process of its own. */
  broker(logged: string[] = []): KafkajsBroker {
    const broker = new KafkajsBroker({ brokers, clientId: 'test', log: (_level, message) => logged.push(message) });
    this.#open.push(broker);
    return broker;
  }

  async consume(
    onBatch: Subscription['onBatch'],
    onFatal: Subscription['onFatal'] = () => undefined,
    broker: KafkajsBroker = this.broker(),
  ): Promise<RunningConsumer> {
    return broker.consume({ groupId: this.groupId, topics: [this.topic], onBatch, onFatal });
  }

  /** Publishes `count` records over `keys` keys; values are `<key>:<number>`, ascending per key. */
  async publish(count: number, keys = 3, from = 0): Promise<string[]> {
    const values = Array.from({ length: count }, (_, i) => `k${(from + i) % keys}:${from + i}`);
    const key = (value: string) => value.split(':')[0] ?? '';
    await this.broker().publish(
      values.map((value) => ({
        topic: this.topic,
        key: key(value),
        value: Buffer.from(value),
        headers: { ce_id: value },
      })),
    );
    return values;
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

  async close(): Promise<void> {
    await Promise.all(this.#open.map((broker) => broker.disconnect()));
    await this.admin.disconnect();
  }
}

export const valueOf = (record: RawRecord): string => record.value?.toString() ?? '';

/** Without duplicates: a publish with an unknown outcome is repeated, so the log may hold a record twice. */
export const once = (values: readonly string[]): string[] => [...new Set(values)];
