import { randomUUID } from 'node:crypto';
import { type Event, type EventType, type Service, topicOf, topics } from '@orderflow/contracts';
import type {
  EventCodec,
  KafkajsBroker,
  KafkaSecurity,
  OutgoingRecord,
  PartitionLag,
  RawRecord,
  SchemaRegistry,
} from '@orderflow/kafka';
import { eventually } from './eventually.js';

export interface EventTapOptions {
  /** `host:port`, several separated by commas. */
  readonly kafkaBrokers: string;
  /** By default that of KAFKA_SASL_USERNAME, KAFKA_TLS and the like. */
  readonly kafkaSecurity?: KafkaSecurity;
  readonly schemaRegistryUrl: string;
  /** Before every topic's name. */
  readonly topicPrefix: string;
  /** Consumer group; a named one continues at its offsets. Without one, reading begins with the oldest record. */
  readonly groupId?: string;
  /** Takes each record, which is then not kept; a record may be delivered twice. */
  readonly onRecord?: (record: RawRecord) => void | Promise<void>;
}

/** A decoded event with its record. */
export interface TappedEvent {
  readonly event: Event;
  readonly record: RawRecord;
}

/** A record to publish by hand: unlike those of the services it may be malformed. */
export interface TapRecord {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | Buffer | Buffer[]>>;
}

const OBSERVED = (Object.keys(topics) as (keyof typeof topics)[]).filter((name) => !name.endsWith('.dead-letters'));
const STREAMS = OBSERVED.filter((name) => name.endsWith('.events'));
const JOIN_MS = 30_000;
const REJOIN_MS = 1_000;

/** Observes all topics of a system in a consumer group of its own, and publishes records by hand. */
export class EventTap {
  private readonly records = new Map<string, RawRecord>();
  private readonly codecs = new Map<Service, Promise<EventCodec>>();
  private closed = false;

  private constructor(
    private readonly options: EventTapOptions,
    private readonly kafka: typeof import('@orderflow/kafka'),
    private readonly broker: KafkajsBroker,
    private readonly registry: SchemaRegistry,
  ) {}

  /** @throws Error when it cannot join its group within 30 s */
  static async open(options: EventTapOptions): Promise<EventTap> {
    // Loaded only here: a program that only wants HTTP does not wait for Nest and kafkajs.
    const kafka = await import('@orderflow/kafka');
    const broker = new kafka.KafkajsBroker({
      brokers: options.kafkaBrokers.split(','),
      clientId: 'event-tap',
      security: options.kafkaSecurity ?? kafka.kafkaSecurityFrom(),
    });
    const opened = new EventTap(options, kafka, broker, new kafka.SchemaRegistry(options.schemaRegistryUrl));
    try {
      await opened.join(options.groupId ?? `event-tap-${randomUUID()}`);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.broker.disconnect();
  }

  /** The topic of a service's events, with the prefix. */
  topicOf(service: Service): string {
    return `${this.options.topicPrefix}${service}.events`;
  }

  /** Every record so far. */
  all(): RawRecord[] {
    return [...this.records.values()];
  }

  /** `topic/partition/offset` of every record so far. */
  positions(): string[] {
    return [...this.records.keys()].toSorted();
  }

  /** All records with this key, in the order of the broker's clock. */
  recordsOf(orderId: string): RawRecord[] {
    const own = this.all().filter(({ key }) => key?.toString() === orderId);
    return own.toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime() || Number(a.offset) - Number(b.offset));
  }

  /** All events of an order, in the order of the broker's clock. @throws BadRecord when one cannot be decoded */
  async eventsOf(orderId: string): Promise<TappedEvent[]> {
    return Promise.all(this.recordsOf(orderId).map(async (record) => ({ record, event: await this.decode(record) })));
  }

  /** The partition of an order. @throws Error before its first record */
  partitionOf(orderId: string): number {
    const [record] = this.recordsOf(orderId);
    if (record === undefined) throw new Error(`no record of order ${orderId}`);
    return record.partition;
  }

  /** The event in a record. @throws BadRecord when it cannot be decoded */
  async decode(record: RawRecord): Promise<Event> {
    return (await this.codecOf('orders')).decode(record);
  }

  /** All records that are in the event topics now. @throws Error when they cannot be read within `withinMs` */
  async readToEnd(withinMs: number): Promise<RawRecord[]> {
    const streams = STREAMS.map((name) => this.options.topicPrefix + name);
    // The lag of a group that never existed: everything.
    const lag = await this.broker.lagOf(`event-tap-${randomUUID()}`, streams);
    const expected = lag.reduce((sum, { records }) => sum + records, 0);
    return eventually(() => {
      const own = this.all().filter(({ topic }) => streams.includes(topic));
      if (own.length >= expected) return own;
      throw new Error(`${own.length} of ${expected} records could be read within ${withinMs / 1000} s`);
    }, withinMs);
  }

  /** How far a consumer group is behind on the topics of the events that it consumes. */
  async lagOf(group: string, consumed: readonly EventType[]): Promise<PartitionLag[]> {
    const { topicPrefix } = this.options;
    return this.broker.lagOf(topicPrefix + group, [...new Set(consumed.map((type) => topicPrefix + topicOf(type)))]);
  }

  async publish(records: readonly TapRecord[]): Promise<void> {
    // The port's type has no tombstones and no bytes in headers, since no service publishes them.
    await this.broker.publish(records as readonly unknown[] as readonly OutgoingRecord[]);
  }

  /** An event as the record that its source would publish. */
  async toRecord(event: Event, headers: Readonly<Record<string, string>> = {}) {
    const codec = await this.codecOf(event.source);
    return {
      topic: this.topicOf(event.source),
      key: event.subject,
      value: codec.encode(event),
      headers: { ...this.kafka.eventHeaders(event), ...headers },
    };
  }

  private async join(groupId: string): Promise<void> {
    const running = await this.broker.consume({
      groupId,
      topics: OBSERVED.map((name) => this.options.topicPrefix + name),
      onBatch: async (records) => this.take(records),
      onFatal: () => void this.rejoin(groupId),
    });
    await eventually(() => running.ready(), JOIN_MS);
  }

  /** A broker that is killed ends the consumer; an observer just begins again. */
  private async rejoin(groupId: string): Promise<void> {
    const check = async () => {
      if (!this.closed) await this.join(groupId);
    };
    await eventually(check, Infinity, REJOIN_MS);
  }

  private async take(records: readonly RawRecord[]): Promise<void> {
    const { onRecord } = this.options;
    for (const record of records) {
      if (onRecord !== undefined) await onRecord(record);
      else this.records.set(`${record.topic}/${record.partition}/${record.offset}`, record);
    }
  }

  private async codecOf(service: Service): Promise<EventCodec> {
    const { topicPrefix: prefix } = this.options;
    const start = () => this.kafka.EventCodec.start({ registry: this.registry, service, autoRegister: false, prefix });
    const codec = this.codecs.get(service) ?? start();
    this.codecs.set(service, codec);
    return codec;
  }
}

/** The same bytes, key and headers once more. */
export const copyOf = ({ topic, key, value, headers }: RawRecord): TapRecord => ({ topic, key, value, headers });
