import { type Event, isEventType } from '@orderflow/contracts';
import { BadRecord, lineOf } from '../errors.js';
import { checkEvent } from './event-rules.js';
import { currentType } from './readers.js';

/**
 * An event as JSON for people and other systems.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly correlationid: string;
  readonly causationid: string;
  /** Ten digits: the extension is a string that sorts. https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/sequence.md */
  readonly sequence: string;
  readonly schemaversion: string;
  readonly data: unknown;
}

/** The event as a CloudEvents 1.0 JSON document; extension attributes are lower-case, as the specification wants. */
export function toCloudEvent(event: Event): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
    time: event.time,
    datacontenttype: 'application/json',
    correlationid: event.correlationId,
    causationid: event.causationId,
    sequence: String(event.sequence).padStart(10, '0'),
    schemaversion: event.schemaVersion,
    data: event.data,
  };
}

/**
 * The event that a CloudEvents document stands for; attributes and data fields that we do not know are left out.
 * @throws BadRecord when it is not one, or breaks a rule of events
 */
export function fromCloudEvent(doc: unknown): Event {
  if (typeof doc !== 'object' || doc === null) throw new BadRecord('not_a_cloud_event', 'it is not an object');
  const given = doc as Readonly<Partial<Record<keyof CloudEvent, unknown>>>;
  if (given.specversion !== '1.0') throw new BadRecord('not_a_cloud_event', 'specversion is not 1.0');
  if (typeof given.type !== 'string' || !isEventType(given.type))
    throw new BadRecord('unknown_type', 'type names no event of ours');
  const type = currentType(given.type);
  const candidate = {
    id: given.id,
    source: given.source,
    type: given.type,
    subject: given.subject,
    time: given.time,
    correlationId: given.correlationid,
    causationId: given.causationid,
    sequence: sequenceOf(given.sequence),
    schemaVersion: given.schemaversion,
    data: given.data,
  };
  try {
    const event = type.fromBuffer(type.toBuffer(candidate)) as Event;
    checkEvent(event);
    return event;
  } catch (error) {
    if (error instanceof BadRecord) throw error;
    throw new BadRecord('undecodable', lineOf(error));
  }
}

function sequenceOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^\d{1,16}$/.test(value)) return Number(value);
  throw new BadRecord('invalid_sequence', 'sequence is not a number');
}
