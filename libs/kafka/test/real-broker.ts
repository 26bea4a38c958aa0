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

/** Topics and groups of one test, and all that must be closed after it. */
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

  /** A process of its own, as far as Kafka can tell. */
  broker(said: string[] = []): KafkajsBroker {
    const broker = new KafkajsBroker({ brokers, clientId: 'test', log: (_level, message) => said.push(message) });
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

  /** Sends `count` records over `keys` keys; values are `<key>:<number>`, ascending per key. */
  async say(count: number, keys = 3, from = 0): Promise<string[]> {
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

  /** How many records the topic holds: more than were said where one partition was not ready and a send was repeated. */
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

/** Without repetitions: a send whose outcome was unknown is sent again, so a record may stand twice in the log. */
export const once = (values: readonly string[]): string[] => [...new Set(values)];
