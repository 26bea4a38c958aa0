import type { Event } from '@orderflow/contracts';

/** The version of CloudEvents that records follow. */
export const SPECVERSION = '1.0';

/**
 * The headers that make a record a CloudEvent in binary mode: the required attributes, and the media type of the value.
 * Further attributes are in the value only, since each header costs every consumer (ADR 19).
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export const eventHeaders = ({ id, source, type }: Pick<Event, 'id' | 'source' | 'type'>) => ({
  ce_id: id,
  ce_source: source as string,
  ce_specversion: SPECVERSION,
  ce_type: type as string,
  'content-type': 'application/avro',
});
