import { copyOf, EventTap, type TapRecord } from '@orderflow/client';
import type { RawRecord } from '@orderflow/kafka';
import type { LogAddress } from './log.ts';

const SHARE = 0.25;
const MOST_COPIES = 3;
const LATEST_MS = 8_000;

/** Publishes a share of the events again: the same bytes, key and headers, once to three times, now or some seconds later. */
export class Copies {
  private tap: EventTap | undefined;
  private on = false;

  static async start({ kafkaBrokers, schemaRegistryUrl }: LogAddress): Promise<Copies> {
    const copies = new Copies();
    const onRecord = (record: RawRecord) => copies.take(record);
    copies.tap = await EventTap.open({ kafkaBrokers, schemaRegistryUrl, topicPrefix: '', onRecord });
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
    await this.tap?.close();
  }

  private take(record: RawRecord): void {
    if (!this.on || record.value === null || Math.random() >= SHARE) return;
    const count = 1 + Math.floor(Math.random() * MOST_COPIES);
    for (let copy = 0; copy < count; copy++) {
      setTimeout(() => void this.publish(copyOf(record)), Math.random() * LATEST_MS);
    }
  }

  private async publish(record: TapRecord): Promise<void> {
    // Lost while the broker is away: the number of copies is read from the log.
    await this.tap?.publish([record]).catch(() => undefined);
  }
}
