import type { JournalSums, MoneySums, Reading } from '@orderflow/console-api';
import { type Log, reasonOf, type Sql } from '@orderflow/durable';
import type { Sums } from '../../domain/proof/sums.js';
import { SharedReading } from '../flow/shared-reading.js';

/** All orders are read for it. */
const FRESH_MS = 10_000;

// One statement, and so one moment. An order without its currency has begun before the journal.
const MONEY = `
  WITH kept AS (
    SELECT currency, settled, status, total_minor AS total, captured_minor AS captured, refunded_minor AS refunded,
           captured_minor - refunded_minor AS kept, CASE WHEN status = 'confirmed' THEN total_minor ELSE 0 END AS due
    FROM heads WHERE currency IS NOT NULL
  )
  SELECT currency, json_build_object(
           'orders', count(*) FILTER (WHERE settled AND kept IS NOT NULL),
           'captured', coalesce(sum(captured) FILTER (WHERE settled), 0),
           'refunded', coalesce(sum(refunded) FILTER (WHERE settled), 0),
           'confirmed', coalesce(sum(due) FILTER (WHERE settled AND kept IS NOT NULL), 0),
           'differing', count(*) FILTER (WHERE settled AND kept <> due)) AS settled,
         json_build_object(
           'orders', count(*) FILTER (WHERE NOT settled),
           'kept', coalesce(sum(kept) FILTER (WHERE NOT settled), 0)) AS "underWay",
         count(*) FILTER (WHERE settled AND kept IS NULL)::int AS unknown
  FROM kept GROUP BY currency ORDER BY currency`;

// The last number of each source, added up, is how many events there are where none is missing.
const GAPS = `
  WITH compared AS (
    SELECT order_id, placed_at,
           (SELECT sum(value::int) FROM jsonb_each_text(heard)) - cardinality(told) AS missing
    FROM heads WHERE placed_at IS NOT NULL
  )
  SELECT count(*)::int AS orders, coalesce(sum(missing), 0)::int AS events,
         coalesce((array_agg(order_id ORDER BY placed_at DESC))[1:5], '{}') AS first
  FROM compared WHERE missing > 0`;

/** Sums and gaps of the journal, from the heads of its orders. */
export class SumsOfJournal implements Sums {
  private readonly shared: SharedReading<JournalSums>;

  constructor(
    private readonly sql: Sql,
    log: Pick<Log, 'warn'>,
  ) {
    this.shared = new SharedReading({
      ask: () => this.ask(),
      why: 'The journal does not answer in time.',
      onSilence: (error) => log.warn({ reason: reasonOf(error) }, 'the sums of the journal cannot be read'),
      freshMs: FRESH_MS,
    });
  }

  async read(): Promise<Reading<JournalSums>> {
    return this.shared.read();
  }

  private async ask(): Promise<JournalSums> {
    const [rows, [gaps]] = await Promise.all([
      this.sql.query<MoneySums & { unknown: number }>(MONEY, []),
      this.sql.query<JournalSums['gaps']>(GAPS, []),
    ]);
    return {
      money: rows.map(({ currency, settled, underWay }) => ({ currency, settled, underWay })),
      unknown: rows.reduce((sum, { unknown }) => sum + unknown, 0),
      gaps: gaps!,
    };
  }
}
