import { type KafkaAcl, PARTITIONS, topics } from '@orderflow/contracts';
import type {
  Appended,
  Broker,
  OutgoingRecord,
  PartitionEnd,
  PartitionLag,
  RawRecord,
  RunningConsumer,
  Subscription,
} from '../broker.js';
import { KafkaSetupError } from '../errors.js';
import { type AppliedAcls, setAcls } from './acls.js';
import { guardAnswers } from './patches/answer-guard.js';
import { guardAwayBrokers } from './patches/away-broker-guard.js';
import { KafkajsConsumer } from './consumer.js';
import { guardBatches } from './patches/batch-guard.js';
import { encodeProduceRequests } from './patches/produce-encoder.js';
import { OffsetReader } from './offset-reader.js';
import { type From, readLog } from './log-reader.js';
import { guardMembership } from './patches/membership-guard.js';
import { guardOffsets } from './patches/offset-guard.js';
import { filterNegativeTimeoutWarning } from './patches/negative-timeout-warning.js';
import { KafkajsPublisher } from './publisher.js';
import { guardRequestQueueTimer } from './patches/request-queue-timer.js';
import { REPLICAS, replicasFor, shortOfReplicas } from './replication.js';
import type { KafkaSecurity } from './security.js';
import type { Log, Reach } from './settings.js';
import { growTopics } from './partition-growth.js';
import { checkSettings, mendSettings, readSettings } from './topic-settings.js';
import { checkCounts, createMissingTopics, partitionCounts, withAdmin } from './topics.js';

export interface KafkajsBrokerOptions {
  /** host:port of each broker. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log?: Log;
  /** By default neither TLS nor a login. */
  readonly security?: KafkaSecurity;
  /** How long to wait for unreachable brokers at start, ms (30,000). */
  readonly reachTimeoutMs?: number;
  /** How many partitions each topic must have. */
  readonly partitions?: number;
  /** How many brokers keep a copy of each topic (3), where there are so many. */
  readonly replicas?: number;
}

/** Kafka through kafkajs 2.2.4. {@link Broker} describes its methods. */
export class KafkajsBroker implements Broker {
  readonly #reach: Reach;
  readonly #reachTimeoutMs: number;
  readonly #partitions: number;
  readonly #replicas: number;
  readonly #publisher: KafkajsPublisher;
  readonly #offsets: OffsetReader;
  readonly #consumers = new Set<KafkajsConsumer>();

  constructor({
    brokers,
    clientId,
    log = () => undefined,
    security = {},
    reachTimeoutMs = 30_000,
    partitions = PARTITIONS,
    replicas = REPLICAS,
  }: KafkajsBrokerOptions) {
    guardAnswers();
    guardAwayBrokers();
    guardBatches();
    encodeProduceRequests();
    guardMembership();
    guardOffsets();
    guardRequestQueueTimer();
    filterNegativeTimeoutWarning();
    this.#reach = { brokers, clientId, log, security };
    this.#reachTimeoutMs = reachTimeoutMs;
    this.#partitions = partitions;
    this.#replicas = replicas;
    this.#publisher = new KafkajsPublisher(this.#reach);
    this.#offsets = new OffsetReader(this.#reach);
  }

  publish(records: readonly OutgoingRecord[]): Promise<readonly Appended[]> {
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

  async ensureTopics(prefix = ''): Promise<string[]> {
    const names = Object.keys(topics).map((name) => prefix + name);
    return withAdmin(this.#reach, this.#reachTimeoutMs, async (admin) => {
      const there = await partitionCounts(admin);
      const replicas = await replicasFor(admin, this.#replicas);
      await createMissingTopics(admin, there, { prefix, partitions: this.#partitions, replicas });
      const grown = await growTopics(admin, names, there, this.#partitions);
      const old = names.filter((name) => there.has(name));
      const mended = await mendSettings(admin, old, prefix);
      checkCounts(names, await partitionCounts(admin, names, this.#partitions), this.#partitions);
      return [...grown, ...mended, ...shortOfReplicas(await readSettings(admin, old), replicas)];
    });
  }

  async checkTopics(names: readonly string[], prefix = ''): Promise<void> {
    await withAdmin(this.#reach, this.#reachTimeoutMs, async (admin) => {
      checkCounts(names, await partitionCounts(admin), this.#partitions);
      const found = await readSettings(admin, names);
      checkSettings(found, prefix);
      const short = shortOfReplicas(found, await replicasFor(admin, this.#replicas));
      for (const line of short) this.#reach.log('warn', line);
    });
  }

  /** See {@link readLog}. */
  readLog(
    topics: readonly string[],
    from: From,
    onRecords: (records: readonly RawRecord[]) => Promise<void>,
  ): Promise<void> {
    return readLog(this.#reach, { topics, from, reachTimeoutMs: this.#reachTimeoutMs }, onRecords);
  }

  lagOf(groupId: string, topics: readonly string[]): Promise<PartitionLag[]> {
    return this.#offsets.lagOf(groupId, topics);
  }

  /** The ends of all partitions of these topics. @throws Error of kafkajs when the broker does not answer, or lacks a topic */
  endsOf(topics: readonly string[]): Promise<PartitionEnd[]> {
    return this.#offsets.endsOf(topics);
  }

  /** The id that the cluster got when its storage was made. @throws KafkaSetupError when no broker can be reached */
  clusterId(): Promise<string> {
    return withAdmin(this.#reach, this.#reachTimeoutMs, async (admin) => (await admin.describeCluster()).clusterId);
  }

  /**
   * Adds the missing entries to the access control list, and takes away what their principals have beside them.
   * @param prefix of the topics and groups of this system: entries about others stay
   * @returns the changes
   * @throws KafkaSetupError when no broker can be reached, or the brokers keep no such list
   */
  setAcls(wanted: readonly KafkaAcl[], prefix = ''): Promise<AppliedAcls> {
    return withAdmin(this.#reach, this.#reachTimeoutMs, (admin) => setAcls(admin, wanted, prefix));
  }

  async disconnect(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    this.#consumers.clear();
    await this.#offsets.close();
    await this.#publisher.close();
  }
}
