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

/** Says events again that were just said: the same bytes, key and headers, once to three times, now or some seconds later. */
export class Copies {
  private readonly broker: KafkajsBroker;
  private on = false;
  private stopped = false;

  private constructor(kafkaBrokers: string) {
    this.broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'chaos-copies' });
  }

  static async start(kafkaBrokers: string): Promise<Copies> {
    const copies = new Copies(kafkaBrokers);
    await copies.listen();
    return copies;
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

  private async listen(): Promise<void> {
    await this.broker.consume({
      groupId: `chaos-copies-${randomUUID()}`,
      topics: services.map((service) => `${service}.events`),
      onBatch: async (records) => {
        for (const record of records) this.hear(record);
        return Promise.resolve();
      },
      onFatal: () => void this.listenAgain(),
    });
  }

  /** The broker that it listens to is killed now and then. */
  private async listenAgain(): Promise<void> {
    while (!this.stopped) {
      try {
        return await this.listen();
      } catch {
        await sleep(AGAIN_MS);
      }
    }
  }

  private hear(record: RawRecord): void {
    const { value } = record;
    if (!this.on || value === null || Math.random() >= SHARE) return;
    const count = 1 + Math.floor(Math.random() * MOST_COPIES);
    for (let copy = 0; copy < count; copy++) {
      setTimeout(() => void this.say(copyOf({ ...record, value })), Math.random() * LATEST_MS);
    }
  }

  private async say(record: OutgoingRecord): Promise<void> {
    // A copy less where the broker is away: how many there were is read from the log.
    await this.broker.publish([record]).catch(() => undefined);
  }
}
