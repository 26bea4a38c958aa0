import { type Event, eventSchemas, type Service, topicOf } from '@orderflow/contracts';
import { eventHeaders } from '@orderflow/kafka';
import type { Dependencies } from '../definition/dependencies.js';
import { assertSendable } from '../outbox/outbox.js';
import type { Publication, RecordedEvent } from './incoming.js';

/**
 * The Kafka record of a published event: envelope, bytes and headers. It is made while the command is decided, so data that
 * does not fit its schema fails only that command.
 * @throws Error if the data does not fit the schema or the record is too large
 */
export function toRecord(
  { publish, subject, sequence }: Publication,
  source: Service,
  { id, context }: Pick<RecordedEvent, 'id' | 'context'>,
  { codec, settings }: Pick<Dependencies<never>, 'codec' | 'settings'>,
) {
  const { traceparent, tracestate } = context;
  const event: Event = {
    ...publish,
    id,
    source,
    subject,
    time: context.at.toISOString(),
    correlationId: context.correlationId,
    causationId: context.id,
    sequence,
    schemaVersion: eventSchemas[publish.type].version,
  };
  return assertSendable({
    topic: settings.topicPrefix + topicOf(publish.type),
    key: subject,
    value: codec.encode(event),
    headers: {
      ...eventHeaders(event),
      traceparent,
      ...(tracestate !== undefined && { tracestate }),
    },
  });
}
