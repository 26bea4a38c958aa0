import { type Event, type EventType, isEventType } from '@orderflow/contracts';
import { isTraceparent } from '@orderflow/telemetry';
import type { RawRecord } from '../broker.js';
import type { EventCodec } from '../codec/event-codec.js';
import { BadRecord } from '../errors.js';

/** What became of a record at the edge: an event, or the reason why it is none. */
export type Delivery =
  (Delivered & { readonly event: Event }) | (Delivered & { readonly bad: string; readonly detail: string });

interface Delivered {
  readonly record: RawRecord;
  /** The span that sent it: a record that cannot be read still belongs to a trace. */
  readonly traceparent?: string | undefined;
}

/** Whether a record must be looked at: what cannot be told is looked at, only a known type that nobody here hears is not. */
export function isHeard(record: RawRecord, heard: ReadonlySet<EventType>): boolean {
  const type = record.headers['ce_type']?.toString() ?? '';
  return !isEventType(type) || heard.has(type);
}

/**
 * The deliveries of a fetch, in order; types that nobody here hears are dropped before they are decoded.
 * @throws whatever is not the message's fault: then the whole fetch comes again
 */
export async function deliveriesOf(
  records: readonly RawRecord[],
  { codec, heard, prefix }: { codec: Pick<EventCodec, 'decode'>; heard: ReadonlySet<EventType>; prefix: string },
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const record of records) {
    if (!isHeard(record, heard)) continue;
    const traceparent = traceparentIn(record);
    try {
      const decoded = codec.decode(record, prefix);
      const event = decoded instanceof Promise ? await decoded : decoded;
      deliveries.push({ record, traceparent, event });
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      deliveries.push({ record, traceparent, bad: error.reason, detail: error.detail });
    }
  }
  return deliveries;
}

function traceparentIn(record: RawRecord): string | undefined {
  const value = record.headers['traceparent']?.toString();
  return isTraceparent(value) ? value : undefined;
}
