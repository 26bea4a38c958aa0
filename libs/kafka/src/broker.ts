/** A record as it stands in the log, before anything in it is believed. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits: offsets do not fit into a number. */
  readonly offset: string;
  /** The broker's clock (LogAppendTime). */
  readonly timestamp: Date;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Only `ce_id`, `ce_type` and `traceparent`, each at most 256 bytes and given once; whatever else was sent is left out. */
  readonly headers: Readonly<Record<string, Buffer>>;
}

export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Publisher {
  /**
   * Writes the records in the given order, acknowledged by all in-sync replicas.
   * @throws PublishRefused when the broker refuses a record for what is in it; others of the same call may have been stored.
   * @throws any other error when the outcome is unknown: the records may have been stored, send them again.
   */
  publish(records: readonly OutgoingRecord[]): Promise<void>;
}

export interface Subscription {
  readonly groupId: string;
  /** Full names, with the prefix. */
  readonly topics: readonly string[];
  /**
   * What one fetch brought of one partition, in order, never empty. Resolves when all of it is durably handled. A
   * rejection means that the world is bad: the same records come again after a pause, nothing is committed. At most one
   * call per partition is under way in this process.
   * @param stillOurs false once the group has moved on or a stop was asked for: give up (reject), others do the work
   */
  onBatch(records: readonly RawRecord[], stillOurs: () => boolean): Promise<void>;
  /** The consumer is gone for good: end the process with a non-zero code. */
  onFatal(error: Error): void;
}

export interface RunningConsumer {
  /** Whether it is a member of its group. */
  ready(): boolean;
  /** Whether the group heard from it within the session timeout. */
  live(): boolean;
  /**
   * Whether the group has committed everything that was stored on its topics when this consumer last joined. Stays true
   * until the group rebalances. False while the consumer is not a member of the group or the broker does not answer; may
   * then take as long as the requests to the broker last (at most about 30 s). Never rejects.
   */
  caughtUp(): Promise<boolean>;
  /** Lets what is under way end (at most 10 s), commits, leaves the group. Never rejects. */
  stop(): Promise<void>;
}

/** How far a group is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** High watermark minus what is committed. */
  readonly records: number;
}

/** The one port to Kafka. */
export interface Broker extends Publisher {
  /**
   * Joins the group; resolves once it was tried, `ready()` says whether it succeeded already.
   * @throws KafkaSetupError when no broker can be reached (30 s), or a topic is missing
   */
  consume(subscription: Subscription): Promise<RunningConsumer>;
  /**
   * Creates what is missing of the topics in contracts, each named `${prefix}${name}`, then checks all of them. For the
   * program that sets a system up, not for services.
   * @throws KafkaSetupError as {@link checkTopics} does
   */
  ensureTopics(prefix?: string): Promise<void>;
  /**
   * @param names full names, with the prefix
   * @throws KafkaSetupError when a topic is missing or has another partition count than contracts say, or no broker can be reached (30 s)
   */
  checkTopics(names: readonly string[], prefix?: string): Promise<void>;
  /**
   * @param topics full names, with the prefix
   * @throws Error of kafkajs when the broker has no answer
   */
  lagOf(groupId: string, topics: readonly string[]): Promise<PartitionLag[]>;
  /** Stops its consumers and closes all connections. Never rejects. */
  disconnect(): Promise<void>;
}
