import { type Event, type EventType, isEventType, topics, type TopicSettings } from '@orderflow/contracts';
import { readTraceContext, type TraceContext } from '@orderflow/telemetry';
import type { RawRecord } from '../broker.js';
import type { EventCodec } from '../codec/event-codec.js';
import { BadRecord, type BadReason } from '../errors.js';
import { omittedRecords, skippedRecords } from '../metrics.js';

/** A record after decoding: an event, or the reason why it cannot be decoded. */
export type Delivery =
  (Delivered & { readonly event: Event }) | (Delivered & { readonly bad: string; readonly detail: string });

interface Delivered {
  readonly record: RawRecord;
  /** The span that published it: an undecodable record belongs to a trace too. */
  readonly trace?: TraceContext | undefined;
}

/** What a group consumes of its topics. */
export interface Consumed {
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly consumes: ReadonlySet<EventType>;
  /** Prefix of every topic name. */
  readonly prefix: string;
  readonly group: string;
}

/**
 * Why a record is passed over before it is decoded: its type is not consumed by this group, is known to no service of this
 * system, or it is a tombstone. Undefined where it must be decoded; without the header it may be an event.
 */
function reasonToSkip(record: RawRecord, { consumes, prefix }: Consumed): Skipped | undefined {
  const type = record.headers['ce_type']?.toString() ?? '';
  const isEmpty = record.value === null && record.omitted === undefined;
  if (isEmpty && (type === '' || isCompacted(record.topic.slice(prefix.length)))) return 'tombstone';
  if (type === '') return undefined;
  if (!isEventType(type)) return 'foreign_type';
  // guard: a type that a group does not consume parks nothing
  if (!consumes.has(type)) return 'not_consumed';
  return undefined;
}

type Skipped = 'not_consumed' | 'foreign_type' | 'no_type' | 'tombstone';

const FOREIGN: BadReason = 'foreign';

const isCompacted = (topic: string): boolean =>
  (topics as Readonly<Record<string, TopicSettings>>)[topic]?.config['cleanup.policy'] === 'compact';

/**
 * The deliveries of a fetch, in order, without the records that this group does not consume.
 * @throws TransientError when the registry does not answer: the whole fetch must be handed over again
 */
export async function deliveriesOf(records: readonly RawRecord[], consumed: Consumed): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const record of records) {
    let skipped = reasonToSkip(record, consumed);
    if (skipped === undefined) {
      const delivery = await deliveryOf(record, consumed);
      if ('bad' in delivery && delivery.bad === FOREIGN) skipped = 'no_type';
      else deliveries.push(delivery);
    }
    // The types of this system are dropped by the thousand; the others are worth a look.
    if (skipped !== undefined && skipped !== 'not_consumed')
      skippedRecords.add({ ...labelsOf(record, consumed), reason: skipped });
  }
  return deliveries;
}

async function deliveryOf(record: RawRecord, consumed: Consumed): Promise<Delivery> {
  const { codec, prefix } = consumed;
  const trace = traceIn(record);
  if (record.omitted !== undefined) {
    omittedRecords.add({ ...labelsOf(record, consumed), reason: record.omitted.why });
    return { record, trace, bad: record.omitted.why, detail: record.omitted.detail };
  }
  try {
    const decoded = codec.decode(record, prefix);
    return { record, trace, event: decoded instanceof Promise ? await decoded : decoded };
  } catch (error) {
    if (!(error instanceof BadRecord)) throw error;
    return { record, trace, bad: error.reason, detail: error.detail };
  }
}

const labelsOf = ({ topic }: RawRecord, { group }: Consumed) => ({
  messaging_destination_name: topic,
  messaging_consumer_group_name: group,
});

const traceIn = ({ headers: { traceparent, tracestate } }: RawRecord): TraceContext | undefined =>
  readTraceContext({ traceparent: traceparent?.toString(), tracestate: tracestate?.toString() });
