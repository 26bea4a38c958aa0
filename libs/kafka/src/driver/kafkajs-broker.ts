import { topics } from '@orderflow/contracts';
import type { Broker, OutgoingRecord, PartitionLag, RunningConsumer, Subscription } from '../broker.js';
import { KafkaSetupError } from '../errors.js';
import { guardAnswers } from './patches/answer-guard.js';
import { KafkajsConsumer } from './consumer.js';
import { guardBatches } from './patches/batch-guard.js';
import { OffsetReader } from './offset-reader.js';
import { guardMembership } from './patches/membership-guard.js';
import { filterNegativeTimeoutWarning } from './patches/negative-timeout-warning.js';
import { KafkajsPublisher } from './publisher.js';
import { guardRequestQueueTimer } from './patches/request-queue-timer.js';
import type { Log, Reach } from './settings.js';
import { checkCounts, createMissingTopics, partitionCounts, withAdmin } from './topics.js';

export interface KafkajsBrokerOptions {
  /** host:port of each broker. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log?: Log;
  /** How long to wait for unreachable brokers at start, ms. */
  readonly reachTimeoutMs?: number;
}

/** Kafka through kafkajs 2.2.4. {@link Broker} describes its methods. */
export class KafkajsBroker implements Broker {
  readonly #reach: Reach;
  readonly #reachTimeoutMs: number;
  readonly #publisher: KafkajsPublisher;
  readonly #offsets: OffsetReader;
  readonly #consumers = new Set<KafkajsConsumer>();

  constructor({ brokers, clientId, log = () => undefined, reachTimeoutMs = 30_000 }: KafkajsBrokerOptions) {
    guardAnswers();
    guardBatches();
    guardMembership();
    guardRequestQueueTimer();
    filterNegativeTimeoutWarning();
    this.#reach = { brokers, clientId, log };
    this.#reachTimeoutMs = reachTimeoutMs;
    this.#publisher = new KafkajsPublisher(this.#reach);
    this.#offsets = new OffsetReader(this.#reach);
  }

  publish(records: readonly OutgoingRecord[]): Promise<void> {
    return this.#publisher.publish(records);
  }

  async consume(subscription: Subscription): Promise<RunningConsumer> {
    const counts = await withAdmin(this.#reach, this.#reachTimeoutMs, (admin) => partitionCounts(admin));
    let partitions = 0;
    for (const topic of subscription.topics) {
      const count = counts.get(topic);
      if (count === undefined) throw new KafkaSetupError(`topic ${topic} is missing on KAFKA_BROKERS: create it`);
      partitions += count;
    }
    const consumer = new KafkajsConsumer(this.#reach, subscription, partitions, this.#offsets);
    this.#consumers.add(consumer);
    await consumer.start();
    return consumer;
  }

  async ensureTopics(prefix = ''): Promise<void> {
    const names = Object.keys(topics).map((name) => prefix + name);
    await withAdmin(this.#reach, this.#reachTimeoutMs, async (admin) => {
      checkCounts(names, prefix, await createMissingTopics(admin, prefix));
    });
  }

  async checkTopics(names: readonly string[], prefix = ''): Promise<void> {
    checkCounts(names, prefix, await withAdmin(this.#reach, this.#reachTimeoutMs, (admin) => partitionCounts(admin)));
  }

  lagOf(groupId: string, topics: readonly string[]): Promise<PartitionLag[]> {
    return this.#offsets.lagOf(groupId, topics);
  }

  async disconnect(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    this.#consumers.clear();
    await this.#offsets.close();
    await this.#publisher.close();
  }
}
