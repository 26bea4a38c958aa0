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
  isOn = false;
  /** The latest events. */
  readonly recent: RawRecord[] = [];
  private tap: EventTap | undefined;

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

  /** Publishes records as another producer would; the broker may be unavailable for a while. */
  async publish(records: readonly TapRecord[]): Promise<void> {
    await eventually(async () => {
      await this.tap?.publish(records);
      return true;
    }, PUBLISH_TIMEOUT_MS);
  }

  private duplicate(record: RawRecord): void {
    if (record.value === null) return;
    this.recent.push(record);
    if (this.recent.length > RECENT) this.recent.shift();
    if (!this.isOn || Math.random() >= SHARE) return;
    // One copy less if the broker is unavailable: the number of copies is read from the log.
    const publish = () => void this.tap?.publish([copyOf(record)]).catch(() => undefined);
    for (let copies = randomInt(1, MOST_COPIES + 1); copies > 0; copies--) setTimeout(publish, randomInt(LATEST_MS));
  }
}
