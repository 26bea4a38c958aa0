import { styleText } from 'node:util';
import { EventTap } from '@orderflow/client';
import type { Event, EventType } from '@orderflow/contracts';
import { BadRecord, type RawRecord } from '@orderflow/kafka';
import { kafkaSecurityAs } from '@orderflow/local';
import type { RunningSystem } from './running-system.ts';
import { Watcher } from './watcher.ts';
import { type OrderEvent, wordsFor } from '@orderflow/order-view';

// The topics are read side by side: a later event may arrive a moment earlier.
const SORT_MS = 100;
const FORGET_MS = 10_000;

const colours: Partial<Record<EventType, 'green' | 'red' | 'yellow'>> = {
  OrderConfirmed: 'green',
  OrderCancelled: 'red',
  StockRejected: 'red',
  StockReleased: 'yellow',
  PaymentDeclined: 'red',
  PaymentRefunded: 'yellow',
  NotificationFailed: 'red',
};

/** Consumes all events and prints those of the orders that it watches. */
export class Timeline extends Watcher {
  private events: EventTap | undefined;
  private readonly began = Date.now();
  /** When each watched order was posted. */
  private readonly since = new Map<string, number>();
  /** Not printed yet: to be sorted, or of an order that is not watched yet. */
  private waiting: OrderEvent[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @throws Error when the topics cannot be read within 30 s */
  static async start({ kafkaBrokers, logins, schemaRegistryUrl, topicPrefix }: RunningSystem): Promise<Timeline> {
    const timeline = new Timeline();
    timeline.events = await EventTap.open({
      kafkaBrokers,
      kafkaSecurity: await kafkaSecurityAs('ops', logins),
      schemaRegistryUrl,
      topicPrefix,
      // Named, so that it does not read the events of all earlier runs again.
      groupId: `${topicPrefix}timeline`,
      onRecord: async (record) => timeline.take(record),
    });
    return timeline;
  }

  watch(orderId: string, since: number): void {
    this.since.set(orderId, since);
    this.lastPrinted = Date.now();
    this.printSoon();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.events?.close();
  }

  private async take(record: RawRecord): Promise<void> {
    // Older records are about orders of earlier runs.
    if (record.timestamp.getTime() < this.began) return;
    const event = await this.decoded(record);
    if (event === undefined || event.type === 'ProductChanged') return;
    this.waiting.push(event);
    this.printSoon();
  }

  private async decoded(record: RawRecord): Promise<Event | undefined> {
    try {
      return await this.events?.decode(record);
    } catch (error) {
      // It cannot be about an order of the demo; the services park it.
      if (error instanceof BadRecord) return undefined;
      throw error;
    }
  }

  private printSoon(): void {
    this.timer ??= setTimeout(() => this.printWaiting(), SORT_MS);
  }

  private printWaiting(): void {
    this.timer = undefined;
    const events = this.waiting.toSorted((one, other) => one.time.localeCompare(other.time));
    const oldest = Date.now() - FORGET_MS;
    this.waiting = events.filter(({ subject, time }) => !this.since.has(subject) && Date.parse(time) > oldest);
    for (const event of events) {
      const since = this.since.get(event.subject);
      if (since !== undefined) this.print(Date.parse(event.time) - since, textOf(event));
    }
  }
}

function textOf(event: OrderEvent): string {
  const type = styleText(colours[event.type] ?? 'bold', event.type.padEnd(18));
  return `${type} ${event.source.padEnd(13)} ${wordsFor(event)}`;
}
