/** A record as the broker stores it, before it is decoded or checked. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits: offsets do not fit into a number. */
  readonly offset: string;
  /** The broker's clock (LogAppendTime). */
  readonly timestamp: Date;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Only those of docs/events.md, each of bounded size and given once. Others are left out. */
  readonly headers: Readonly<Record<string, Buffer>>;
  /** Given where key and value are not kept; both are null then. */
  readonly omitted?: Omitted;
}

/** Bytes that are not kept: they are too many, or cannot be read. Topic, partition and offset locate them in the log. */
export interface Omitted {
  readonly why: 'too_large' | 'unreadable_batch';
  /** For operators, one line. */
  readonly detail: string;
  /** How many they are, as stored. */
  readonly bytes: number;
  /** Of the bytes as stored, in hex. */
  readonly sha256: string;
}

/** A record to be published. */
export interface OutgoingRecord {
  /** Full name, with the prefix. */
  readonly topic: string;
  /** The subject: records with one key are in one partition, in order. */
  readonly key: string;
  /** Stored as it is: an encoded event, or the bytes of a dead letter. */
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the broker has stored the records of one partition: one batch, which it keeps or loses as a whole. */
export interface Appended {
  readonly topic: string;
  readonly partition: number;
  /** Of its first record, decimal digits. */
  readonly offset: string;
}

/** The end of one partition. */
export interface PartitionEnd {
  readonly topic: string;
  readonly partition: number;
  /** The offset that its next record gets, decimal digits. */
  readonly end: string;
}

export interface Publisher {
  /**
   * Writes the records in the given order, acknowledged by all in-sync replicas.
   * @returns a batch for each partition
   * @throws PublishRefused when the broker refuses a record for its content; other records of the same call may have been stored.
   * @throws Error of kafkajs when the outcome is unknown: the records may have been stored. Publish them again.
   */
  publish(records: readonly OutgoingRecord[]): Promise<readonly Appended[]>;
}

/** How far a consumer has consumed one partition. */
export interface ConsumedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to read, decimal digits. */
  readonly next: string;
  /** The latest append time among the consumed records; null where it is unknown. */
  readonly appendedAt: Date | null;
}

/** Records of a partition that expired before they were consumed: from `first` on, before `next`. Decimal digits. */
export interface ExpiredRange {
  readonly topic: string;
  readonly partition: number;
  readonly first: string;
  readonly next: string;
}

/** The offsets that a consumer stores beside the effects of its records. They decide where it begins, not the broker's. */
export interface ConsumedOffsets {
  /** The offsets of all members of the group. A partition that is missing was never consumed. @throws Error: asked again */
  read(): Promise<readonly ConsumedOffset[]>;
  /** Everything before these offsets is handled, also the records that led to nothing. @throws Error: called again */
  write(offsets: readonly ConsumedOffset[]): Promise<void>;
  /** Sets these offsets, also backwards: their logs are not those that were consumed. @throws Error: called again */
  restart(offsets: readonly ConsumedOffset[]): Promise<void>;
  /**
   * Moves the offset of each partition from the first of the records that expired to the one after them, and stores the range
   * in the same transaction. @throws Error: called again, after another read
   */
  skip(expired: readonly ExpiredRange[]): Promise<void>;
}

/** What a consumer reads, and what it hands the records to. */
export interface Subscription {
  readonly groupId: string;
  /** Full names, with the prefix. */
  readonly topics: readonly string[];
  /** Without it the consumer begins at the offsets that the broker has for the group. */
  readonly consumed?: ConsumedOffsets;
  /**
   * Handles the records that one fetch returned of one partition, in order, never empty. Resolves when all of them are
   * durably handled. A rejection means a transient error: the same records are handed over again after a pause, and no
   * offset is committed. At most one call per partition is under way in this process.
   */
  onBatch(records: readonly RawRecord[]): Promise<void>;
  /** The consumer has stopped for good: end the process with a non-zero code. */
  onFatal(error: Error): void;
}

/** One member of a consumer group. */
export interface RunningConsumer {
  /** Whether this consumer is a member of its group and heartbeats. */
  ready(): boolean;
  /** Whether the broker has acknowledged a heartbeat within the session timeout. */
  live(): boolean;
  /**
   * Whether the group has consumed everything that was stored on its topics when this consumer last joined, by the offsets of
   * the subscription where it has some. False while the consumer is not a member of the group, and while broker or offsets do
   * not answer; may then take as long as those requests last (at most about 30 s). Never rejects.
   */
  caughtUp(): Promise<boolean>;
  /** Waits for the batches under way (at most 10 s), commits their offsets, leaves the group. Never rejects. */
  stop(): Promise<void>;
}

/** How far a group is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** The offset that the group reads next, decimal digits. */
  readonly next: string;
  /** High watermark minus committed offset, records that expired unread included. */
  readonly records: number;
  /** Records that expired before the group committed them. */
  readonly expired: number;
}

/** The one port to Kafka. */
export interface Broker extends Publisher {
  /**
   * Joins the group. Resolves after the first attempt that has reached a broker, or when the consumer is stopped; `ready()` tells
   * whether it is a member.
   * @throws KafkaSetupError when no broker can be reached (30 s), or a topic is missing
   */
  consume(subscription: Subscription): Promise<RunningConsumer>;
  /**
   * Creates the missing topics of contracts, each named `${prefix}${name}`, adds partitions where there are too few, and sets
   * the settings that services rely on. For the program that sets a system up, not for services.
   * @returns a line for each change of a topic that was there, and for each one that has too few replicas
   * @throws KafkaSetupError as {@link checkTopics} does, and when a topic with too few partitions holds unread records
   */
  ensureTopics(prefix?: string): Promise<string[]>;
  /**
   * Logs a line for each topic that has fewer replicas than it should have on these brokers.
   * @param names full names, with the prefix
   * @throws KafkaSetupError when a topic is missing, its partition count or a setting that services rely on differs, or no
   * broker can be reached (30 s)
   */
  checkTopics(names: readonly string[], prefix?: string): Promise<void>;
  /**
   * @param topics full names, with the prefix
   * @throws Error of kafkajs when the broker does not answer
   */
  lagOf(groupId: string, topics: readonly string[]): Promise<PartitionLag[]>;
  /** Stops its consumers and closes all connections. Never rejects. */
  disconnect(): Promise<void>;
}
