import { EventTap, type EventTapOptions } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import type { RawRecord } from '@orderflow/kafka';

/** Records when each order's mail was published, by the broker's clock. */
export class MailTimes {
  private events: EventTap | undefined;
  private readonly mailed = new Map<string, number>();
  private readonly awaited = new Map<string, (at: number) => void>();
  private readonly types = new Map<string, string[]>();

  static async open(options: Omit<EventTapOptions, 'onRecord'>): Promise<MailTimes> {
    const times = new MailTimes();
    times.events = await EventTap.open({ ...options, onRecord: (record) => times.take(record) });
    return times;
  }

  /** When `NotificationSent` of this order was appended, ms since 1970; waits for it. */
  async mailOf(orderId: string): Promise<number> {
    return this.mailed.get(orderId) ?? new Promise((resolve) => this.awaited.set(orderId, resolve));
  }

  /** The types of an order's events so far, by service, in order. */
  typesOf(orderId: string): Record<Service, string[]> {
    const typesAt = (service: Service) => this.types.get(`${this.events?.topicOf(service)}/${orderId}`) ?? [];
    return Object.fromEntries(services.map((service) => [service, typesAt(service)])) as Record<Service, string[]>;
  }

  /** Publishes an undecodable record of this order on the orders' topic. */
  async publishUndecodable(orderId: string): Promise<void> {
    const headers = { ce_id: crypto.randomUUID(), ce_type: 'OrderConfirmed' };
    const topic = this.events?.topicOf('orders') ?? '';
    await this.events?.publish([{ topic, key: orderId, value: Buffer.from('nothing'), headers }]);
  }

  async close(): Promise<void> {
    await this.events?.close();
  }

  private take({ topic, key, value, headers, timestamp }: RawRecord): void {
    const orderId = key?.toString() ?? '';
    // Only framed records are events; the undecodable one is not framed.
    if (value?.[0] !== 0) return;
    const type = headers['ce_type']?.toString() ?? '';
    const stream = `${topic}/${orderId}`;
    this.types.set(stream, [...(this.types.get(stream) ?? []), type]);
    if (type !== 'NotificationSent') return;
    this.mailed.set(orderId, timestamp.getTime());
    this.awaited.get(orderId)?.(timestamp.getTime());
  }
}
