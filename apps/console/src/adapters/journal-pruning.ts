import { type Clock, type Connection, type Log, Loop, type Sql } from '@orderflow/durable';

const LOOK_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
// The writer waits for them.
const ORDERS_AT_ONCE = 200;

/**
 * Deletes orders that are settled and had no event in the last days: the head, all records and the search terms. An order that
 * is not settled stays whole. Prices of products stay: their topic keeps them too.
 */
export class JournalPruning extends Loop {
  constructor(
    private readonly connection: Connection,
    private readonly days: number,
    private readonly clock: Clock,
    log: Pick<Log, 'warn'>,
  ) {
    super('journal pruning', LOOK_MS, { clock, log });
  }

  override async step(): Promise<boolean> {
    const before = new Date(this.clock.now() - this.days * DAY_MS);
    return this.connection.transaction(async (sql) => (await prune(sql, before)) === ORDERS_AT_ONCE);
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.connection.end();
  }
}

/** @returns how many orders were deleted */
async function prune(sql: Sql, before: Date): Promise<number> {
  // The writer locks this row first, too: none of these orders gets an event until the commit.
  await sql.query('SELECT position FROM journal_end FOR UPDATE');
  const orders = await sql.query<{ id: string }>(
    `SELECT order_id AS id FROM heads WHERE placed_at < $1 AND settled AND updated_at < $1
     ORDER BY placed_at LIMIT ${ORDERS_AT_ONCE}`,
    [before],
  );
  if (orders.length === 0) return 0;
  const ids = orders.map(({ id }) => id);
  const records = await sql.query<{ position: string }>(
    'DELETE FROM journal WHERE subject = ANY($1::text[]) RETURNING position',
    [ids],
  );
  const positions = records.map(({ position }) => position);
  await Promise.all([
    sql.query('DELETE FROM search_terms WHERE position = ANY($1::bigint[])', [positions]),
    sql.query('DELETE FROM heads WHERE order_id = ANY($1::text[])', [ids]),
    sql.query('UPDATE journal_end SET pruned_before = greatest(pruned_before, $1)', [before]),
  ]);
  return orders.length;
}
