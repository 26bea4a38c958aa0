import { copyOf, EventTap, type TapRecord } from '@orderflow/client';
import type { RawRecord } from '@orderflow/kafka';
import type { LogAddress } from './event-log.ts';

const SHARE = 0.25;
const MOST_COPIES = 3;
const LATEST_MS = 8_000;

/** Publishes a share of the events again: the same bytes, key and headers, one to three times, at once or up to 8 s later. */
export class EventDuplicator {
  private tap: EventTap | undefined;
  private on = false;

  static async start({ kafkaBrokers, schemaRegistryUrl }: LogAddress): Promise<EventDuplicator> {
    const duplicator = new EventDuplicator();
    const onRecord = (record: RawRecord) => duplicator.duplicate(record);
    duplicator.tap = await EventTap.open({ kafkaBrokers, schemaRegistryUrl, topicPrefix: '', onRecord });
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
    await this.tap?.close();
  }

  private duplicate(record: RawRecord): void {
    if (!this.on || record.value === null || Math.random() >= SHARE) return;
    const count = 1 + Math.floor(Math.random() * MOST_COPIES);
    for (let copy = 0; copy < count; copy++) {
      setTimeout(() => void this.publish(copyOf(record)), Math.random() * LATEST_MS);
    }
  }

  private async publish(record: TapRecord): Promise<void> {
    // One copy less if the broker is unavailable: the number of copies is read from the log.
    await this.tap?.publish([record]).catch(() => undefined);
  }
}
