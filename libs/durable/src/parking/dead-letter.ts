import { deadLettersOf, type Service } from '@orderflow/contracts';
import type { OutgoingRecord } from '@orderflow/kafka';
import { isSendable } from '../outbox/outbox.js';
import type { IncomingEvent, UndecodableRecord } from '../definition/service.js';

/** After so many attempts a parked record is a dead letter. */
export const MAX_ATTEMPTS = 10;

/** What its row knows of it. */
interface ParkedRow {
  readonly id: string;
  readonly parkedAt: Date;
  readonly failedAt: Date;
}

/**
 * What is said of a record whose attempts are used up. Where it lies says more than what it holds: too large or not text,
 * it would hold up all that its key says.
 */
export function deadLetterOf(
  service: Service,
  consumer: string,
  topicPrefix: string,
  { subject, record }: IncomingEvent<unknown> | UndecodableRecord,
  reason: string,
  { id, parkedAt, failedAt }: ParkedRow,
): OutgoingRecord {
  const value = record.value && isSendable(record.value) ? record.value : Buffer.alloc(0);
  return {
    topic: topicPrefix + deadLettersOf(service),
    key: subject,
    value,
    headers: {
      ...Object.fromEntries(Object.entries(record.headers).map(([name, bytes]) => [name, textOf(bytes)])),
      dl_id: id,
      dl_consumer: consumer,
      dl_reason: textOf(Buffer.from(reason)),
      dl_attempts: String(MAX_ATTEMPTS),
      dl_first_at: parkedAt.toISOString(),
      dl_last_at: failedAt.toISOString(),
      dl_topic: record.topic,
      dl_partition: String(record.partition),
      dl_offset: record.offset,
    },
  };
}

/** Text as JSON in the database takes it: without NUL and without halves of a character. */
const textOf = (bytes: Buffer): string => bytes.toString('utf8').replaceAll('\0', '');
