import { type Event, type EventType, isEventType } from '@orderflow/contracts';
import { isTraceparent } from '@orderflow/telemetry';
import type { RawRecord } from '../broker.js';
import type { EventCodec } from '../codec/event-codec.js';
import { BadRecord } from '../errors.js';

/** A record after decoding: an event, or the reason why it cannot be decoded. */
export type Delivery =
  (Delivered & { readonly event: Event }) | (Delivered & { readonly bad: string; readonly detail: string });

interface Delivered {
  readonly record: RawRecord;
  /** The span that published it: an undecodable record belongs to a trace too. */
  readonly traceparent?: string | undefined;
}

/** Whether a record must be decoded: only a known type that this group does not consume is dropped by its header. */
function isConsumed(record: RawRecord, consumes: ReadonlySet<EventType>): boolean {
  const type = record.headers['ce_type']?.toString() ?? '';
  return !isEventType(type) || consumes.has(type);
}

/**
 * The deliveries of a fetch, in order. Records of types that this group does not consume are dropped before decoding.
 * @throws TransientError when the registry does not answer: the whole fetch must be handed over again
 */
export async function deliveriesOf(
  records: readonly RawRecord[],
  { codec, consumes, prefix }: { codec: Pick<EventCodec, 'decode'>; consumes: ReadonlySet<EventType>; prefix: string },
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const record of records) {
    if (!isConsumed(record, consumes)) continue;
    const traceparent = traceparentIn(record);
    if (record.omitted !== undefined) {
      deliveries.push({ record, traceparent, bad: record.omitted.why, detail: record.omitted.detail });
      continue;
    }
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
