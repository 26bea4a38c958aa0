import { deadLettersOf, type Service } from '@orderflow/contracts';
import type { OutgoingRecord } from '@orderflow/kafka';
import { isSendable } from '../outbox/outbox.js';
import type { IncomingEvent, UndecodableRecord } from '../transaction/incoming.js';

/** After this many failed attempts a parked record is a dead letter. */
export const MAX_ATTEMPTS = 10;

interface ParkedRow {
  readonly id: string;
  readonly parkedAt: Date;
  readonly failedAt: Date;
}

/**
 * The record for `<service>.dead-letters`. Its value is empty where the original is too large to be sent: topic, partition
 * and offset in the headers locate the original.
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

/** Text that jsonb accepts: without NUL and without lone surrogates. */
const textOf = (bytes: Buffer): string => bytes.toString('utf8').replaceAll('\0', '');
