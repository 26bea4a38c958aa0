import type { Effect } from '@orderflow/decider';
import { type Event, type Service, eventSchemas, topicOf } from '@orderflow/contracts';
import type { EventCodec, OutgoingRecord } from '@orderflow/kafka';
import { assertSendable } from '../outbox/outbox.js';
import type { RecordedEvent } from '../definition/service.js';

/**
 * Gives what a service says its envelope and its bytes. It happens while the command is decided: data that does not fit
 * its schema is that command's own problem.
 * @throws Error if the data does not fit the schema or the record is too large
 */
export function toRecord(
  { publish, subject, sequence }: Extract<Effect, { publish: unknown }>,
  source: Service,
  { id, context }: RecordedEvent<unknown, unknown>,
  { codec, topicPrefix }: { codec: Pick<EventCodec, 'encode'>; topicPrefix: string },
): OutgoingRecord {
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
    topic: topicPrefix + topicOf(publish.type),
    key: subject,
    value: codec.encode(event),
    headers: { ce_id: id, ce_type: publish.type, traceparent: context.traceparent },
  });
}
