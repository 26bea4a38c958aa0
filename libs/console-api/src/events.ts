import { z } from 'zod';
import { instant, service } from './pieces.js';

/** An event as the journal keeps it, without the confidential fields of its data and with masked e-mail addresses. */
export const journalEvent = z
  .object({
    position: z.string().describe('In the journal: ascends in commit order'),
    id: z.string(),
    type: z.string(),
    source: service,
    subject: z.string().describe('The order, or the SKU'),
    sequence: z.int(),
    schemaVersion: z.string(),
    saidAt: instant.describe("By the publisher's clock: never compared between services"),
    appendedAt: instant.describe('By the clock of the broker: what `at` means'),
    recordedAt: instant.describe('When the journal wrote it'),
    causationId: z.string(),
    correlationId: z.string(),
    traceId: z.string().nullable(),
    topic: z.string().describe('Without prefix'),
    partition: z.int(),
    offset: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'JournalEvent' });
export type JournalEvent = z.output<typeof journalEvent>;

/** A record that is no event: a dead letter, or one that cannot be decoded. The journal keeps it as it is. */
export const otherRecord = z
  .object({
    position: z.string(),
    subject: z.string().describe('Its key, as far as it is printable'),
    why: z.string().describe('`dead_letter`, or the reason why it cannot be decoded'),
    type: z.string().nullable().describe('As its header names it'),
    appendedAt: instant,
    recordedAt: instant,
    topic: z.string(),
    partition: z.int(),
    offset: z.string(),
  })
  .meta({ id: 'OtherRecord' });
export type OtherRecord = z.output<typeof otherRecord>;

/** One record of the journal with its bytes. */
export const recordedEvent = z
  .object({
    event: journalEvent.nullable(),
    other: otherRecord.nullable().describe('Where the record is no event'),
    schemaId: z.int().nullable().describe('Of the Confluent framing'),
    size: z.int().describe('Bytes of the value'),
  })
  .meta({ id: 'RecordedEvent' });
export type RecordedEvent = z.output<typeof recordedEvent>;
