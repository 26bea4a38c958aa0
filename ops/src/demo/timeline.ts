import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Event, EventType, Topic } from '@orderflow/contracts';
import { BadRecord, EventCodec, KafkajsBroker, type RawRecord, SchemaRegistry } from '@orderflow/kafka';
import type { Watcher } from './play.ts';
import type { RunningSystem } from './running-system.ts';
import { type OrderEvent, wordsFor } from './words.ts';

const TOPICS: readonly Topic[] = ['orders.events', 'inventory.events', 'payments.events', 'notifications.events'];

// The topics are read side by side: what happened a moment later may arrive a moment earlier.
const SORT_MS = 100;
const QUIET_MS = 400;
const FORGET_MS = 10_000;
const JOIN_TIMEOUT_MS = 30_000;

const colours: Partial<Record<EventType, 'green' | 'red' | 'yellow'>> = {
  OrderConfirmed: 'green',
  OrderCancelled: 'red',
  StockRejected: 'red',
  StockReleased: 'yellow',
  PaymentDeclined: 'red',
  PaymentRefunded: 'yellow',
  NotificationFailed: 'red',
};

/** Hears all that is said about orders and prints what is about those that it was told to watch. */
export class Timeline implements Watcher {
  private readonly codec: EventCodec;
  private readonly broker: KafkajsBroker;
  private readonly began = Date.now();
  /** Orders that are watched, and when each was posted. */
  private readonly since = new Map<string, number>();
  /** Not printed yet: waiting to be sorted, or of an order whose id we have yet to be told. */
  private waiting: OrderEvent[] = [];
  private lastPrinted = Date.now();
  private timer: NodeJS.Timeout | undefined;

  private constructor(codec: EventCodec, broker: KafkajsBroker) {
    this.codec = codec;
    this.broker = broker;
  }

  /** @throws Error when the topics cannot be read within 30 s */
  static async start(system: RunningSystem): Promise<Timeline> {
    const { kafkaBrokers, schemaRegistryUrl, topicPrefix: prefix } = system;
    const registry = new SchemaRegistry(schemaRegistryUrl);
    const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: false, prefix });
    const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'timeline' });
    const timeline = new Timeline(codec, broker);
    const consumer = await broker.consume({
      groupId: `${prefix}timeline`,
      topics: TOPICS.map((topic) => prefix + topic),
      onBatch: async (records) => timeline.hear(records),
      onFatal: (error) => console.error(`The timeline ends here: ${error.message}`),
    });
    const deadline = Date.now() + JOIN_TIMEOUT_MS;
    while (!consumer.ready()) {
      if (Date.now() >= deadline) throw new Error('the timeline cannot join its consumer group');
      await sleep(50);
    }
    return timeline;
  }

  /** @param since when the order was posted, ms since 1970: the lines count from there */
  watch(orderId: string, since: number): void {
    this.since.set(orderId, since);
    this.lastPrinted = Date.now();
    this.printSoon();
  }

  /** Resolves when nothing about watched orders has come for a moment. */
  async quiet(): Promise<void> {
    while (Date.now() - this.lastPrinted < QUIET_MS) await sleep(50);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.broker.disconnect();
  }

  private async hear(records: readonly RawRecord[]): Promise<void> {
    for (const record of records) {
      // What was said before we began is about orders of earlier runs.
      if (record.timestamp.getTime() < this.began) continue;
      const event = await this.read(record);
      if (event === undefined || event.type === 'ProductChanged') continue;
      this.waiting.push(event);
    }
    this.printSoon();
  }

  private async read(record: RawRecord): Promise<Event | undefined> {
    try {
      return await this.codec.decode(record);
    } catch (error) {
      // It cannot be about an order of the demo; the services park it, where people look for it.
      if (error instanceof BadRecord) return undefined;
      throw error;
    }
  }

  private printSoon(): void {
    this.timer ??= setTimeout(() => this.print(), SORT_MS);
  }

  private print(): void {
    this.timer = undefined;
    const events = this.waiting.toSorted((one, other) => one.time.localeCompare(other.time));
    const oldest = Date.now() - FORGET_MS;
    this.waiting = events.filter(({ subject, time }) => !this.since.has(subject) && Date.parse(time) > oldest);
    for (const event of events) {
      const since = this.since.get(event.subject);
      if (since === undefined) continue;
      console.log(lineFor(event, since));
      this.lastPrinted = Date.now();
    }
  }
}

function lineFor(event: OrderEvent, since: number): string {
  const seconds = `+${((Date.parse(event.time) - since) / 1000).toFixed(3)} s`.padStart(11);
  const type = styleText(colours[event.type] ?? 'bold', event.type.padEnd(18));
  return `${styleText('dim', seconds)}  ${type} ${event.source.padEnd(13)} ${wordsFor(event)}`;
}
