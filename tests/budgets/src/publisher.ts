import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Shop } from '@orderflow/console/shop';
import { type Event, type EventBody, type EventType, type Service, services, topicOf } from '@orderflow/contracts';
import { EventCodec, eventHeaders, KafkajsBroker, SchemaRegistry } from '@orderflow/kafka';
import { anEvent, eventData } from '../../../libs/testing/src/builders.ts';

/** The events of a confirmed order, each with its cause. */
const CONFIRMED: readonly (readonly [type: EventType, cause?: EventType])[] = [
  ['OrderPlaced'],
  ['StockReserved', 'OrderPlaced'],
  ['PaymentCaptured', 'StockReserved'],
  ['OrderConfirmed', 'PaymentCaptured'],
  ['StockCommitted', 'OrderConfirmed'],
  ['NotificationSent', 'OrderConfirmed'],
];
const CUSTOMERS = 500;
const MOST_LINES = 3;
const UNIT_PRICE_MINOR = 250;
/** Orders of one request to the broker. */
const BATCH = 50;
/** Between two events of an order that flows. */
const TICK_MS = 50;

/** Publishes the events of orders as the services would. */
export class Publisher {
  private readonly broker: KafkajsBroker;
  private readonly codecs: ReadonlyMap<Service, EventCodec>;
  private readonly shop = new Shop(1);
  private made = 0;

  private constructor(broker: KafkajsBroker, codecs: ReadonlyMap<Service, EventCodec>) {
    this.broker = broker;
    this.codecs = codecs;
  }

  /** Registers the schemas too. The topics are there. */
  static async start(kafkaBrokers: string, schemaRegistryUrl: string): Promise<Publisher> {
    const registry = new SchemaRegistry(schemaRegistryUrl);
    const codecs = new Map<Service, EventCodec>();
    for (const service of services)
      codecs.set(service, await EventCodec.start({ registry, service, autoRegister: true }));
    const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'publisher' });
    return new Publisher(broker, codecs);
  }

  async close(): Promise<void> {
    await this.broker.disconnect();
  }

  /** The events of a new order of one to three lines, in the order in which they are published. */
  story(): Event[] {
    const lines = this.shop.sale(1 + (this.made++ % MOST_LINES));
    const common = { subject: randomUUID(), correlationId: randomUUID() };
    const told: Event[] = [];
    const said = new Map<Service, number>();
    for (const [type, cause] of CONFIRMED) {
      const causationId = told.find((before) => before.type === cause)?.id ?? common.correlationId;
      const event: Event = anEvent(type, { ...common, causationId });
      const sequence = (said.get(event.source) ?? 0) + 1;
      said.set(event.source, sequence);
      told.push({ ...event, sequence, ...(type === 'OrderPlaced' && { data: this.placed(lines) }) } as Event);
    }
    return told;
  }

  async publish(events: readonly Event[]): Promise<void> {
    await this.broker.publish(
      events.map((event) => ({
        topic: topicOf(event.type),
        key: event.subject,
        value: this.codecs.get(event.source)!.encode(event),
        headers: eventHeaders(event),
      })),
    );
  }

  /** Publishes so many whole orders at once. @returns their ids */
  async backlog(orders: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < orders) {
      const stories = Array.from({ length: Math.min(BATCH, orders - ids.length) }, () => this.story());
      await this.publish(stories.flat());
      ids.push(...stories.map(([first]) => first!.subject));
    }
    return ids;
  }

  /** Begins orders at a constant rate; the events of each are 50 ms apart. @returns the orders per second that there were */
  async flow(perSecond: number, seconds: number): Promise<number> {
    const began = performance.now();
    const ticks = (seconds * 1000) / TICK_MS;
    // By the number of events that they have published, the newest first.
    const flowing: Event[][][] = [];
    let orders = 0;
    for (let tick = 0; tick < ticks + CONFIRMED.length; tick++) {
      await sleep(Math.max(0, began + tick * TICK_MS - performance.now()));
      const due = tick < ticks ? Math.round(((tick + 1) * TICK_MS * perSecond) / 1000) - orders : 0;
      orders += due;
      flowing.unshift(Array.from({ length: due }, () => this.story()));
      flowing.length = Math.min(flowing.length, CONFIRMED.length);
      // One request at a time: the events of an order stay in their order.
      await this.publish(flowing.flatMap((stories, next) => stories.map((told) => told[next]!)));
    }
    return orders / ((performance.now() - began) / 1000);
  }

  private placed(lines: readonly { sku: string; quantity: number }[]): EventBody<'OrderPlaced'>['data'] {
    const priced = lines.map((line) => ({ ...line, unitPriceMinor: UNIT_PRICE_MINOR, largeUnitPriceMinor: null }));
    const totalMinor = lines.reduce((sum, { quantity }) => sum + quantity * UNIT_PRICE_MINOR, 0);
    const customerId = `customer-${this.made % CUSTOMERS}`;
    return { ...eventData.OrderPlaced, customerId, email: `${customerId}@example.com`, lines: priced, totalMinor };
  }
}
