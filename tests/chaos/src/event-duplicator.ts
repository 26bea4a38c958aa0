import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkajsBroker, type OutgoingRecord, type RawRecord } from '@orderflow/kafka';
import { services } from './schedule.ts';

const SHARE = 0.25;
const MOST_COPIES = 3;
const LATEST_MS = 8_000;
const AGAIN_MS = 1_000;

const copyOf = ({ topic, key, value, headers }: RawRecord & { value: Buffer }): OutgoingRecord => ({
  topic,
  key: key?.toString() ?? '',
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()])),
});

/** Publishes events again: the same bytes, key and headers, one to three times, at once or up to 8 s later. */
export class EventDuplicator {
  private readonly broker: KafkajsBroker;
  private on = false;
  private stopped = false;

  private constructor(kafkaBrokers: string) {
    this.broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'chaos-duplicator' });
  }

  static async start(kafkaBrokers: string): Promise<EventDuplicator> {
    const duplicator = new EventDuplicator(kafkaBrokers);
    await duplicator.consume();
    return duplicator;
  }

  begin(): void {
    this.on = true;
  }

  end(): void {
    this.on = false;
  }

  async stop(): Promise<void> {
    this.end();
    this.stopped = true;
    await this.broker.disconnect();
  }

  private async consume(): Promise<void> {
    await this.broker.consume({
      groupId: `chaos-duplicator-${randomUUID()}`,
      topics: services.map((service) => `${service}.events`),
      onBatch: async (records) => {
        for (const record of records) this.duplicate(record);
        return Promise.resolve();
      },
      onFatal: () => void this.consumeAgain(),
    });
  }

  /** A broker that is killed ends the consumer. */
  private async consumeAgain(): Promise<void> {
    while (!this.stopped) {
      try {
        return await this.consume();
      } catch {
        await sleep(AGAIN_MS);
      }
    }
  }

  private duplicate(record: RawRecord): void {
    const { value } = record;
    if (!this.on || value === null || Math.random() >= SHARE) return;
    const count = 1 + Math.floor(Math.random() * MOST_COPIES);
    for (let copy = 0; copy < count; copy++) {
      setTimeout(() => void this.publish(copyOf({ ...record, value })), Math.random() * LATEST_MS);
    }
  }

  private async publish(record: OutgoingRecord): Promise<void> {
    // One copy less if the broker is unavailable: the number of copies is read from the log.
    await this.broker.publish([record]).catch(() => undefined);
  }
}
