import { randomUUID } from 'node:crypto';
import { type Event, type EventType, type Service, topicOf } from '@orderflow/contracts';
import {
  EventCodec,
  KafkajsBroker,
  type OutgoingRecord,
  type PartitionLag,
  type RawRecord,
  SchemaRegistry,
} from '@orderflow/kafka';
import { eventually } from './eventually.js';
import type { Malformed } from './malformed.js';

/** An event with the record that brought it. */
export interface Heard {
  readonly event: Event;
  readonly record: RawRecord;
}

/** A record to be sent; a tombstone has no value. */
export interface Sendable {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TapOptions {
  readonly kafkaBrokers: string;
  readonly schemaRegistryUrl: string;
  readonly topicPrefix: string;
}

const SERVICES: readonly Service[] = ['orders', 'inventory', 'payments', 'notifications'];

/** Listens to what a system says, in a group of its own, and can put records there. */
export class Tap {
  private readonly records = new Map<string, RawRecord>();
  private readonly codecs = new Map<Service, Promise<EventCodec>>();
  private readonly registry: SchemaRegistry;

  private constructor(
    private readonly broker: KafkajsBroker,
    private readonly options: TapOptions,
  ) {
    this.registry = new SchemaRegistry(options.schemaRegistryUrl);
  }

  static async open(options: TapOptions): Promise<Tap> {
    const broker = new KafkajsBroker({ brokers: options.kafkaBrokers.split(','), clientId: 'e2e' });
    const tap = new Tap(broker, options);
    const running = await broker.consume({
      groupId: `e2e-${randomUUID()}`,
      topics: [...SERVICES.map((service) => tap.topicOf(service)), `${options.topicPrefix}inventory.products`],
      onBatch: async (records) => tap.take(records),
      onFatal: (error) => {
        throw error;
      },
    });
    await eventually(() => {
      if (!running.ready()) throw new Error('the tap has not joined its group');
    });
    return tap;
  }

  async close(): Promise<void> {
    await this.broker.disconnect();
  }

  topicOf(service: Service): string {
    return `${this.options.topicPrefix}${service}.events`;
  }

  /** Every record that was heard. */
  all(): RawRecord[] {
    return [...this.records.values()];
  }

  /** All records with this key, in the order the broker appended them. */
  recordsOf(orderId: string): RawRecord[] {
    const own = [...this.records.values()].filter(({ key }) => key?.toString() === orderId);
    return own.toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime() || Number(a.offset) - Number(b.offset));
  }

  /** Where all records lie that were heard so far. */
  heardSoFar(): string[] {
    return [...this.records.keys()].toSorted();
  }

  /** All events of an order, in the order the broker appended them. */
  async eventsOf(orderId: string): Promise<Heard[]> {
    return Promise.all(this.recordsOf(orderId).map(async (record) => ({ record, event: await this.read(record) })));
  }

  /** The event in a record. @throws BadRecord where there is none */
  async read(record: RawRecord): Promise<Event> {
    return (await this.codecOf('orders')).decode(record);
  }

  /** How far a consumer of the system is behind in the topics of what it hears. */
  async lagOf(consumer: string, heard: readonly EventType[]): Promise<PartitionLag[]> {
    const { topicPrefix } = this.options;
    const topics = [...new Set(heard.map((type) => topicPrefix + topicOf(type)))];
    return this.broker.lagOf(topicPrefix + consumer, topics);
  }

  /** The partitions to which an order's records go. */
  partitionOf(orderId: string): number {
    const [record] = this.recordsOf(orderId);
    if (record === undefined) throw new Error(`nothing was heard of ${orderId}`);
    return record.partition;
  }

  async send(records: readonly (Sendable | Malformed)[]): Promise<void> {
    // The port's type knows no tombstones and no bytes in headers, since no service sends them; a stranger may.
    await this.broker.publish(records as unknown as readonly OutgoingRecord[]);
  }

  /** Says an event in a service's name, well-formed. */
  async say(event: Event, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.send([await this.encoded(event, headers)]);
  }

  /** An event as its service would put it on the wire. */
  async encoded(event: Event, headers: Readonly<Record<string, string>> = {}): Promise<Sendable> {
    const codec = await this.codecOf(event.source);
    return {
      topic: this.topicOf(event.source),
      key: event.subject,
      value: codec.encode(event),
      headers: { ce_id: event.id, ce_type: event.type, ...headers },
    };
  }

  private async take(records: readonly RawRecord[]): Promise<void> {
    for (const record of records) this.records.set(`${record.topic}/${record.partition}/${record.offset}`, record);
  }

  private async codecOf(service: Service): Promise<EventCodec> {
    const codec =
      this.codecs.get(service) ??
      EventCodec.start({ registry: this.registry, service, autoRegister: true, prefix: this.options.topicPrefix });
    this.codecs.set(service, codec);
    return codec;
  }
}

/** The same bytes, key and headers once more. */
export const copyOf = ({ topic, key, value, headers }: RawRecord): Sendable => ({
  topic,
  key: key?.toString() ?? '',
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()])),
});
