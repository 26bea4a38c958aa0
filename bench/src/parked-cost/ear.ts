import { setTimeout as sleep } from 'node:timers/promises';
import { KafkajsBroker, type RawRecord } from '@orderflow/kafka';

const SERVICES = ['orders', 'inventory', 'payments', 'notifications'];

/** Hears when which order was told of, by the broker's clock. */
export class Ear {
  private readonly broker: KafkajsBroker;
  private readonly topicPrefix: string;
  private readonly mailed = new Map<string, number>();
  private readonly awaited = new Map<string, (at: number) => void>();
  private readonly types = new Map<string, string[]>();

  private constructor(broker: KafkajsBroker, topicPrefix: string) {
    this.broker = broker;
    this.topicPrefix = topicPrefix;
  }

  static async open(kafkaBrokers: string, topicPrefix: string): Promise<Ear> {
    const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'parked-cost' });
    const ear = new Ear(broker, topicPrefix);
    const running = await broker.consume({
      groupId: `${topicPrefix}parked-cost`,
      topics: SERVICES.map((service) => `${topicPrefix}${service}.events`),
      onBatch: async (records) => {
        for (const record of records) ear.hear(record);
      },
      onFatal: (error) => {
        throw error;
      },
    });
    while (!running.ready()) await sleep(20);
    return ear;
  }

  /** When the mail of this order was on the record, ms; waits for it. */
  async mailOf(orderId: string): Promise<number> {
    return this.mailed.get(orderId) ?? new Promise((resolve) => this.awaited.set(orderId, resolve));
  }

  /** The types of its good events so far, of each service in its order. */
  storyOf(orderId: string): Record<string, string[]> {
    return Object.fromEntries(
      SERVICES.map((service) => [service, this.types.get(`${this.topicPrefix}${service}.events/${orderId}`) ?? []]),
    );
  }

  /** Puts a record on the orders' topic that nobody can read. */
  async poison(orderId: string): Promise<void> {
    const headers = { ce_id: crypto.randomUUID(), ce_type: 'OrderConfirmed' };
    const topic = `${this.topicPrefix}orders.events`;
    await this.broker.publish([{ topic, key: orderId, value: Buffer.from('nothing'), headers }]);
  }

  async close(): Promise<void> {
    await this.broker.disconnect();
  }

  private hear({ topic, key, value, headers, timestamp }: RawRecord): void {
    const orderId = key?.toString() ?? '';
    // Framed: what we sent ourselves is not.
    if (value?.[0] !== 0) return;
    const type = headers['ce_type']?.toString() ?? '';
    const own = `${topic}/${orderId}`;
    this.types.set(own, [...(this.types.get(own) ?? []), type]);
    if (type !== 'NotificationSent') return;
    this.mailed.set(orderId, timestamp.getTime());
    this.awaited.get(orderId)?.(timestamp.getTime());
  }
}
