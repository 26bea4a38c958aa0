import { connected, databaseUrlOf } from '@orderflow/local';
import type { MeasuredSystem } from '../systems/measured-system.ts';
import { bytesOfTopics } from './sizes.ts';

/** What databases and topics of a system have done so far. */
export interface Counters {
  readonly transactions: number;
  readonly rowsInserted: number;
  readonly rowsUpdated: number;
  readonly rowsDeleted: number;
  /** Of the whole server. */
  readonly walBytes: number;
  readonly topicBytes: number;
}

// A backend reports what it did up to a second late.
const COUNTERS = `
  SELECT sum(xact_commit)::float8 AS transactions, sum(tup_inserted)::float8 AS "rowsInserted",
         sum(tup_updated)::float8 AS "rowsUpdated", sum(tup_deleted)::float8 AS "rowsDeleted",
         (pg_current_wal_insert_lsn() - '0/0')::float8 AS "walBytes"
  FROM pg_stat_database WHERE starts_with(datname, $1)`;

/** @param logDir the broker's `log.dirs` */
export async function countersOf(system: MeasuredSystem, logDir: string): Promise<Counters> {
  const { databaseUrl, databasePrefix, topicPrefix } = system;
  const topicBytes = bytesOfTopics(logDir, (topic) => topic.startsWith(topicPrefix));
  return connected(databaseUrlOf(databaseUrl, 'postgres'), async (client) => {
    const { rows } = await client.query(COUNTERS, [databasePrefix]);
    return { ...(rows[0] as Omit<Counters, 'topicBytes'>), topicBytes };
  });
}
