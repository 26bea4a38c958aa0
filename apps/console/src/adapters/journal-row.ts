import { type Event, isEventType } from '@orderflow/contracts';
import { BadRecord, type EventCodec, type RawRecord } from '@orderflow/kafka';
import type { Recorded } from '../domain/journal.js';

/** A record as it was read: an event, or the reason why it is none. */
export type Read = { readonly record: RawRecord } & ({ readonly event: Event } | { readonly why: string });

/** What a row of `journal` is made of. */
export interface JournalRow {
  readonly read: Read;
  readonly position: string;
  readonly traceId: string | undefined;
  readonly repeats: boolean;
  /** Without prefix. */
  readonly topic: string;
}

export type Column = readonly unknown[];

/** The columns that a record decides, in the order of {@link columnsOf}. */
export const WRITTEN_COLUMNS = [
  'position',
  'subject',
  'type',
  'why',
  'source',
  'sequence',
  'event_id',
  'causation_id',
  'correlation_id',
  'schema_version',
  'said_at',
  'appended_at',
  'topic',
  'partition',
  '"offset"',
  'trace_id',
  'value',
  'repeats',
];

/** The rows of the parameters {@link columnsOf}. */
export const WRITTEN = `unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::uuid[], $8::text[],
                       $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::int[],
                       $15::bigint[], $16::text[], $17::bytea[], $18::boolean[])`;

export const INSERT_JOURNAL = `INSERT INTO journal (${WRITTEN_COLUMNS.join(', ')}) SELECT * FROM ${WRITTEN}`;

/** The parameters of {@link INSERT_JOURNAL}. */
export function columnsOf(rows: readonly JournalRow[]): Column[] {
  const events = rows.map(({ read }) => ('event' in read ? read.event : undefined));
  const records = rows.map(({ read }) => read.record);
  return [
    rows.map(({ position }) => position),
    rows.map(({ read }) => ('event' in read ? read.event.subject : subjectOf(read))),
    rows.map(({ read }) => ('event' in read ? read.event.type : printable(read.record.headers['ce_type']))),
    rows.map(({ read }) => ('event' in read ? null : read.why)),
    events.map((event) => event?.source ?? null),
    events.map((event) => event?.sequence ?? null),
    events.map((event) => event?.id ?? null),
    events.map((event) => event?.causationId ?? null),
    events.map((event) => event?.correlationId ?? null),
    events.map((event) => event?.schemaVersion ?? null),
    events.map((event) => event?.time ?? null),
    records.map(({ timestamp }) => timestamp),
    rows.map(({ topic }) => topic),
    records.map(({ partition }) => partition),
    records.map(({ offset }) => offset),
    rows.map(({ traceId }) => traceId ?? null),
    records.map(({ value }) => value),
    rows.map(({ repeats }) => repeats),
  ];
}

const subjectOf = ({ record }: Read): string => printable(record.key ?? undefined);

// PostgreSQL takes no NUL, and a page should not be shown more than a line of a text that may be anything.
const printable = (bytes: Buffer | undefined): string =>
  (bytes?.toString('utf8') ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 256);

/** A row of `journal`, by the names that `RECORD_COLUMNS` gives its columns. */
export interface RecordRow {
  readonly position: string;
  readonly subject: string;
  readonly type: string;
  readonly why: string | null;
  readonly eventId: string | null;
  readonly appendedAt: Date;
  readonly recordedAt: Date;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly traceId: string | null;
  readonly value: Buffer | null;
  readonly repeats: boolean;
}

export const RECORD_COLUMNS = `position, subject, type, why, event_id AS "eventId", appended_at AS "appendedAt",
  recorded_at AS "recordedAt", topic, partition, "offset", trace_id AS "traceId", value, repeats`;

/** A stored record, decoded again from its bytes. @throws TransientError when the registry does not answer for a new schema */
export async function recordedOf(row: RecordRow, codec: Pick<EventCodec, 'decode'>): Promise<Recorded> {
  const { eventId, why, traceId, ...rest } = row;
  const event = eventId === null ? undefined : await decoded(row, eventId, codec);
  return { ...rest, event, why: why ?? undefined, traceId: traceId ?? undefined };
}

async function decoded(row: RecordRow, eventId: string, codec: Pick<EventCodec, 'decode'>): Promise<Event | undefined> {
  const { topic, partition, offset, appendedAt, subject, type, value } = row;
  if (!isEventType(type)) return undefined;
  const headers = { ce_type: Buffer.from(type), ce_id: Buffer.from(eventId) };
  const key = Buffer.from(subject);
  try {
    return await codec.decode({ topic, partition, offset, timestamp: appendedAt, key, value, headers }, '');
  } catch (error) {
    // It could be decoded when it was written: the registry has lost its schema since.
    if (error instanceof BadRecord) return undefined;
    throw error;
  }
}
