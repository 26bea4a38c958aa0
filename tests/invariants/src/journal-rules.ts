import { judged, rulesAbout } from './rule.ts';

/** A record of a topic. */
export interface LoggedRecord {
  /** By the broker's clock. */
  readonly appendedAt: Date;
  readonly key: string | null;
  readonly type: string | null;
  readonly eventId: string | null;
  /** SHA-256 of the value in hex; null without a value, and where its bytes are not kept. */
  readonly value: string | null;
}

/** A row of the journal for one record, as the console stored it. */
export interface JournalRow {
  readonly appendedAt: Date;
  readonly subject: string;
  readonly type: string;
  readonly eventId: string | null;
  /** Why the record is no event. Then only its value and time are compared: key and headers may be anything. */
  readonly why: string | null;
  /** As that of the record. */
  readonly value: string | null;
}

/** One place of the log: its record, and the rows that the journal has for it. */
export interface JournalFacts {
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits. */
  readonly offset: string;
  /** Not there where the topic has no such record. */
  readonly record?: LoggedRecord;
  readonly rows: readonly JournalRow[];
  /** Whether the journal has read so far. */
  readonly isRead: boolean;
}

/** The numbers of the events of a source about one subject, from the first that the journal has. */
export interface NumberedFacts {
  readonly source: string;
  /** Null for all subjects of the source that have no gap. */
  readonly subject: string | null;
  /** How many there are from the first to the last, without the subject's records that could not be read as events. */
  readonly numbers: number;
  /** How many different ones the journal has. */
  readonly events: number;
}

const differencesOf = (record: LoggedRecord, row: JournalRow): string[] => [
  ...(record.appendedAt.getTime() === row.appendedAt.getTime() ? [] : ['time']),
  ...(record.value === row.value ? [] : ['value']),
  ...(row.why !== null || record.key === row.subject ? [] : ['key']),
  ...(row.why !== null || record.type === row.type ? [] : ['type']),
  ...(row.why !== null || record.eventId === row.eventId ? [] : ['id']),
];

const textOf = ({ record, rows }: JournalFacts): string => {
  if (record === undefined || rows.length !== 1) return `${rows.length} rows`;
  return `a row with another ${differencesOf(record, rows[0]!).join(' and another ')}`;
};

const journalRule = rulesAbout<JournalFacts>(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`);
const numberRule = rulesAbout<NumberedFacts>(({ source, subject }) => `${source}, ${subject ?? 'all others'}`);

/** The rule about one place of the log. */
export const journalRules = [
  journalRule('journal', 'the journal equals the topics, event by event', (facts) => {
    const { record, rows, isRead } = facts;
    if (!isRead) return { expected: {}, found: { 'not read yet': 1 } };
    const holds = record !== undefined && rows.length === 1 && differencesOf(record, rows[0]!).length === 0;
    const expected = record === undefined ? 'no row: the topic has no such record' : 'one row, like the record';
    return judged(holds, { records: record ? 1 : 0 }, { rows: rows.length }, { expected, found: textOf(facts) });
  }),
];

/** The rule about the numbers of one source and subject in the journal. */
export const journalGapRules = [
  numberRule('journal-gaps', 'the journal has no gap in the events of a source and subject', (facts) => {
    const { numbers, events } = facts;
    const broken = { expected: `${numbers} events without a gap`, found: `${events}` };
    return judged(events >= numbers, { events: numbers }, { events }, broken);
  }),
];
