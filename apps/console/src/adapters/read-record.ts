import { BadRecord, type EventCodec, type RawRecord } from '@orderflow/kafka';
import type { Read } from './journal-row.js';

/** @throws TransientError when the registry does not answer */
export async function readRecord(record: RawRecord, codec: Pick<EventCodec, 'decode'>, prefix: string): Promise<Read> {
  if (record.omitted) return { record, why: record.omitted.why };
  if (record.topic.endsWith('.dead-letters')) return { record, why: 'dead_letter' };
  try {
    return { record, event: await codec.decode(record, prefix) };
  } catch (error) {
    if (!(error instanceof BadRecord)) throw error;
    return { record, why: error.reason };
  }
}

/** What is written of a record that the database refuses for what is in it. */
export const withoutText = ({ record }: Read, error: unknown): Read => ({
  record: { ...record, key: null, headers: {} },
  why: `refused_by_database ${String((error as { code?: unknown }).code)}`,
});
