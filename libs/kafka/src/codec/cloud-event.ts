import type { Event } from '@orderflow/contracts';

export type CloudEvent = ReturnType<typeof toCloudEvent>;

/**
 * An event as a CloudEvents 1.0 JSON document, for operators and other systems. Its extension attributes are lower-case, as
 * the specification requires. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export const toCloudEvent = ({ id, source, type, subject, time, data, ...extensions }: Event) => ({
  specversion: '1.0' as const,
  id,
  source,
  type,
  subject,
  time,
  datacontenttype: 'application/json' as const,
  correlationid: extensions.correlationId,
  causationid: extensions.causationId,
  // A string that sorts. https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/sequence.md
  sequence: String(extensions.sequence).padStart(10, '0'),
  schemaversion: extensions.schemaVersion,
  data,
});
