import { topics } from '@orderflow/contracts';
import type { JournalTables } from './journal-tables.js';

const compacted = Object.entries(topics).flatMap(([name, { config }]) =>
  config['cleanup.policy'] === 'compact' ? [name] : [],
);

/** Which records the topics held when the tables were filled. */
export class Held {
  /** Full names of the topics that keep the newest record of each key alone. */
  readonly compacted: readonly string[];
  /** The parameters of {@link isGone}, and the first two those of {@link isBefore}. */
  readonly values: readonly unknown[];

  constructor(
    private readonly tables: JournalTables,
    prefix: string,
  ) {
    this.compacted = compacted.map((name) => prefix + name);
    this.values = [tables.first, prefix, compacted];
  }

  /**
   * Whether a record is before the first one that the topics held of its partition, or was appended to a topic that was created
   * again since.
   * @param row of a journal
   * @param from number of the first of {@link values}
   */
  isBefore(row: string, from: number): string {
    return `NOT EXISTS (SELECT FROM consumed_offsets first
                        WHERE first.consumer = $${from}::text AND first.topic = $${from + 1}::text || ${row}.topic
                        AND first.partition = ${row}.partition AND first.next_offset <= ${row}."offset"
                        AND first.appended_at <= ${row}.appended_at)`;
  }

  /** Whether the journal alone has a record: it is before those of the topics, or compaction has removed it. */
  isGone(row: string, from: number): string {
    return `(${this.isBefore(row, from)}
      OR (${row}.topic = ANY ($${from + 2}::text[])
          AND EXISTS (SELECT FROM ${this.tables.journal} newer WHERE newer.subject = ${row}.subject
                      AND newer.topic = ${row}.topic AND newer.partition = ${row}.partition
                      AND newer."offset" > ${row}."offset")))`;
  }
}

/** Whether a row is of an order that was pruned from the live journal. @param subject an expression */
export const isPruned = (subject: string, lastAt: string): string =>
  `(${lastAt} < (SELECT pruned_before FROM public.journal_end)
    AND NOT EXISTS (SELECT FROM public.journal own WHERE own.subject = ${subject}))`;
