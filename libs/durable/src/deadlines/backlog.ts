import type { Sql } from '../store/sql.js';

/** What a service has still to decide, and how much it has ever published: both are the same at each of its instances. */
export interface Backlog {
  /** Subjects with a deadline; of more than {@link MOST_COUNTED} as many. */
  readonly open: number;
  /** Records that were ever appended to the outbox. Those of transactions that were rolled back count too. */
  readonly appended: number;
}

// A broker that is away for an hour leaves a million: counting them each second would cost more than it tells.
export const MOST_COUNTED = 100_000;

/** Reads the backlog of a service. Its cost does not grow with past orders. */
export async function readBacklog(sql: Sql): Promise<Backlog> {
  const [row] = await sql.query<Backlog>(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM deadlines LIMIT $1) AS counted)::int AS open,
            (SELECT last_value FROM outbox_id_seq)::float8 AS appended`,
    [MOST_COUNTED],
  );
  return row!;
}
