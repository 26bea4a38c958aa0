import { type Event, type Service, services, topicOf } from '@orderflow/contracts';
import { EventCodec, KafkajsBroker, SchemaRegistry } from '@orderflow/kafka';
import type { ViewedType } from '@orderflow/order-view';
import { anEvent } from '@orderflow/testing';

/** Events of an order. Orders itself consumes none of them. */
export const STORY: readonly ViewedType[] = [
  'OrderPlaced',
  'StockReserved',
  'PaymentVoided',
  'OrderConfirmed',
  'StockCommitted',
  'PaymentRefunded',
  'NotificationSent',
];

/** Publishes what the services would, one event of an order after the other. */
export class Publisher {
  readonly told = new Map<string, Event[]>();
  private readonly codecs = new Map<Service, EventCodec>();
  private broker!: KafkajsBroker;

  /**
   * @param prefix of the topics; known once the system is
   * @param store what the services store in the transaction that publishes; nothing by default
   */
  constructor(
    private readonly parts: { readonly kafkaBrokers: string; readonly schemaRegistryUrl: string },
    private readonly prefix: () => string,
    private readonly store: (events: readonly Event[]) => Promise<unknown> = async () => undefined,
  ) {}

  async open(): Promise<void> {
    this.broker = new KafkajsBroker({ brokers: this.parts.kafkaBrokers.split(','), clientId: 'e2e' });
    const registry = new SchemaRegistry(this.parts.schemaRegistryUrl);
    for (const service of services)
      this.codecs.set(service, await EventCodec.start({ registry, service, autoRegister: true }));
  }

  async close(): Promise<void> {
    await this.broker.disconnect();
  }

  /** The next event of each of these orders. */
  async tellNext(orderIds: readonly string[]): Promise<void> {
    const events = orderIds.flatMap((subject) => {
      const told = this.told.get(subject) ?? [];
      const type = STORY[told.length];
      if (type === undefined) return [];
      const { source } = anEvent(type);
      const sequence = told.filter((event) => event.source === source).length + 1;
      const event = anEvent(type, { subject, sequence, time: new Date().toISOString() }) as Event;
      this.told.set(subject, [...told, event]);
      return [event];
    });
    await this.store(events);
    await this.broker.publish(
      events.map((event) => ({
        topic: this.prefix() + topicOf(event.type),
        key: event.subject,
        value: this.codecs.get(event.source)!.encode(event),
        headers: { ce_id: event.id, ce_type: event.type },
      })),
    );
  }
}
