import { randomInt } from 'node:crypto';
import { copyOf, EventTap, eventually, type TapRecord } from '@orderflow/client';
import type { RawRecord } from '@orderflow/kafka';
import type { LogAddress } from './recorded.ts';

const SHARE = 0.25;
const MOST_COPIES = 3;
const LATEST_MS = 8_000;
const RECENT = 30;
// The broker may be frozen for a minute meanwhile, and start again after that.
const PUBLISH_TIMEOUT_MS = 240_000;

/** While it is on, publishes a share of the events again: the same bytes, key and headers, one to three times, up to 8 s later. */
export class EventDuplicator {
  /** The latest events. */
  readonly recent: RawRecord[] = [];
  private readonly latest = new Map<string, Date>();
  private tap: EventTap | undefined;
  private isOn = false;
  private copies = 0;

  static async start(address: LogAddress): Promise<EventDuplicator> {
    const duplicator = new EventDuplicator();
    const onRecord = (record: RawRecord) => duplicator.duplicate(record);
    duplicator.tap = await EventTap.open({ ...address, topicPrefix: '', onRecord });
    return duplicator;
  }

  async stop(): Promise<void> {
    this.isOn = false;
    await this.tap?.close();
  }

  begin(): void {
    this.copies = 0;
    this.isOn = true;
  }

  /** Ends it as soon as the log has a copy: the broker may have been away all the time, and a fault without effect proves nothing. */
  async end(): Promise<void> {
    await eventually(() => this.copies > 0, PUBLISH_TIMEOUT_MS);
    this.isOn = false;
  }

  /** Waits for a record of this topic that is newer than `since`. */
  async untilPublished(topic: string, since: Date): Promise<void> {
    await eventually(() => (this.latest.get(topic) ?? since) > since, PUBLISH_TIMEOUT_MS);
  }

  /** Publishes records as another producer would; the broker may be unavailable for a while. */
  async publish(records: readonly TapRecord[]): Promise<void> {
    await eventually(async () => {
      await this.tap?.publish(records);
      return true;
    }, PUBLISH_TIMEOUT_MS);
  }

  private duplicate(record: RawRecord): void {
    if (record.value === null) return;
    this.latest.set(record.topic, record.timestamp);
    this.recent.push(record);
    if (this.recent.length > RECENT) this.recent.shift();
    if (!this.isOn || Math.random() >= SHARE) return;
    for (let copies = randomInt(1, MOST_COPIES + 1); copies > 0; copies--) {
      setTimeout(() => void this.publishCopy(record), randomInt(LATEST_MS));
    }
  }

  private async publishCopy(record: RawRecord): Promise<void> {
    try {
      await this.tap?.publish([copyOf(record)]);
      this.copies++;
    } catch {
      // One copy less if the broker is unavailable: the number of copies is read from the log.
    }
  }
}
