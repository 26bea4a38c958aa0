import { JOURNAL_GROUP, topics } from '@orderflow/contracts';
import { type JournalFacts, journalGapRules, journalRules, type NumberedFacts } from '@orderflow/invariants';
import { kafkaSecurityAs, type Logins } from '@orderflow/local';
import type { Reader } from './database-reader.ts';
import { type Finding, judgeAll, Tally } from './finding.ts';
import { JournalComparison, type JournalRows, type PlacedRow, type Stretch } from './journal-comparison.ts';

/** The topics that the journal of the console is compared with. */
export interface LogAddress {
  /** `host:port`, several separated by commas. */
  readonly kafkaBrokers?: string;
  /** Of a secure system that runs here; else the environment says how to log in. */
  readonly logins?: Logins;
  /** Before every topic's name. */
  readonly topicPrefix?: string;
}

const ROW = `"offset", appended_at AS "appendedAt", subject, type, event_id AS "eventId", why, encode(sha256(value), 'hex') AS value`;

const BETWEEN = `
  SELECT ${ROW} FROM journal
  WHERE topic = $1 AND partition = $2 AND "offset" >= $3 AND "offset" <= $4 AND "offset" < $5 ORDER BY "offset"`;

// One statement: a row and the offset that counts it are committed together.
const BEHIND = `
  SELECT ${ROW} FROM journal
  WHERE topic = $1 AND partition = $2 AND "offset" >= $3
  AND ("offset" < $4 OR "offset" >= (SELECT next_offset FROM consumed_offsets
                               WHERE consumer = '${JOURNAL_GROUP}' AND topic = $5 AND partition = $2))
  ORDER BY "offset"`;

// A rebuild of the journal has offsets of its own.
const OFFSETS = `SELECT topic, partition, next_offset AS next FROM consumed_offsets WHERE consumer = '${JOURNAL_GROUP}'`;

// The subjects of a source that have no gap are one row. A record that was no event to the journal stands for a missing number.
const NUMBERS = `
  WITH numbered AS (
    SELECT source, subject, max(sequence) - min(sequence) + 1 AS numbers, count(DISTINCT sequence) AS events
    FROM journal WHERE why IS NULL GROUP BY source, subject
  ), unread AS (
    SELECT subject, count(*) AS records FROM journal WHERE why IS NOT NULL AND why <> 'dead_letter' GROUP BY subject
  ), compared AS (
    SELECT source, subject, events, greatest(events, numbers - coalesce(records, 0)) AS numbers
    FROM numbered LEFT JOIN unread USING (subject)
  )
  SELECT source, CASE WHEN events < numbers THEN subject END AS subject, sum(numbers)::float8 AS numbers,
         sum(events)::float8 AS events
  FROM compared GROUP BY 1, 2 ORDER BY 1, 2`;

/**
 * Judges the journal of the console, and compares it with the topics where the address of the brokers is known.
 * @returns nothing for a system without a console
 */
export async function judgeJournal(reader: Reader, address: LogAddress): Promise<Finding[]> {
  const { kafkaBrokers } = address;
  if (!reader.hasConsole) return [];
  const tallies = kafkaBrokers ? journalRules.map((rule) => new Tally(rule)) : [];
  if (kafkaBrokers) {
    await compareWithTopics(reader, { ...address, kafkaBrokers }, (facts) => {
      for (const tally of tallies) tally.add(facts);
    });
  }
  const numbers = await reader.rows<NumberedFacts>('console', NUMBERS);
  return [...tallies.map((tally) => tally.finding()), ...judgeAll(journalGapRules, numbers)];
}

/** Whether a journal was judged, and not compared with the topics. */
export const lacksTopics = (findings: readonly Finding[]): boolean => {
  const judged = (rules: readonly { id: string }[]) => rules.some((rule) => findings.some(({ id }) => id === rule.id));
  return judged(journalGapRules) && !judged(journalRules);
};

async function compareWithTopics(
  reader: Reader,
  { kafkaBrokers, topicPrefix = '', logins }: LogAddress & { readonly kafkaBrokers: string },
  onFacts: (facts: JournalFacts) => void,
): Promise<void> {
  // Offsets before rows: the journal has every row before them.
  const offsets = await reader.rows<{ topic: string; partition: number; next: string }>('console', OFFSETS);
  const next = new Map(offsets.map((it) => [`${it.topic}/${it.partition}`, BigInt(it.next)]));
  const stretchOf = (topic: string, partition: number): Stretch => ({
    topic: topic.slice(topicPrefix.length),
    partition,
    next: next.get(`${topic}/${partition}`) ?? 0n,
  });
  const comparison = new JournalComparison(rowsIn(reader, topicPrefix), stretchOf, onFacts);
  // Loaded only here: an audit of a system without a console does not wait for kafkajs.
  const { KafkajsBroker } = await import('@orderflow/kafka');
  const security = await kafkaSecurityAs('ops', logins);
  const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'audit', security });
  try {
    const names = Object.keys(topics).map((name) => topicPrefix + name);
    await broker.readLog(names, 'earliest', async (records) => comparison.take(records));
    await comparison.end();
  } finally {
    await broker.disconnect();
  }
}

const rowsIn = (reader: Reader, prefix: string): JournalRows => ({
  between: async ({ topic, partition, next }, from, last) =>
    reader.rows<PlacedRow>('console', BETWEEN, [topic, partition, String(from), String(last), String(next)]),
  behind: async ({ topic, partition, next }, from) =>
    reader.rows<PlacedRow>('console', BEHIND, [topic, partition, String(from), String(next), prefix + topic]),
});
