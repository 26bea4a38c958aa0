import type { Event } from '@orderflow/contracts';

/**
 * An event as a JSON document for operators and other systems.
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

/** The event as a CloudEvents 1.0 JSON document; extension attributes are lower-case, as the specification requires. */
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
