import { type Event, eventSchemas, type Service, topicOf } from '@orderflow/contracts';
import type { Effect } from '@orderflow/decider';
import type { Dependencies } from '../definition/dependencies.js';
import { assertSendable } from '../outbox/outbox.js';
import type { RecordedEvent } from './incoming.js';

/**
 * The Kafka record of a published event: envelope, bytes and headers. It is made while the command is decided, so data that
 * does not fit its schema fails only that command.
 * @throws Error if the data does not fit the schema or the record is too large
 */
export function toRecord(
  { publish, subject, sequence }: Extract<Effect, { publish: unknown }>,
  source: Service,
  { id, context }: Pick<RecordedEvent, 'id' | 'context'>,
  { codec, settings }: Pick<Dependencies<never>, 'codec' | 'settings'>,
) {
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
    headers: { ce_id: id, ce_type: publish.type, traceparent: context.traceparent },
  });
}
