import { services } from '@orderflow/contracts';
import type { ExpiredFacts, QueueFacts, StockFacts } from '@orderflow/invariants';
import type { Reader } from './database-reader.ts';

// One statement, and so one moment: between two statements an order could move stock.
const STOCK = `
  WITH delivered AS (SELECT sku, sum(quantity) AS quantity FROM deliveries GROUP BY sku),
  held AS (
    SELECT line->>'sku' AS sku,
           coalesce(sum((line->>'quantity')::bigint) FILTER (WHERE status = 'reserved'), 0) AS reserved,
           coalesce(sum((line->>'quantity')::bigint) FILTER (WHERE status = 'committed'), 0) AS committed
    FROM reservations, jsonb_array_elements(lines) AS line
    WHERE status IN ('reserved', 'committed') GROUP BY 1
  )
  SELECT sku, coalesce(on_hand, 0) AS "onHand", coalesce(stock.reserved, 0) AS reserved,
         coalesce(stock.committed, 0) AS committed, coalesce(delivered.quantity, 0)::float8 AS delivered,
         coalesce(held.reserved, 0)::float8 AS "openReservations",
         coalesce(held.committed, 0)::float8 AS "committedReservations"
  FROM stock LEFT JOIN delivered USING (sku) FULL JOIN held USING (sku) ORDER BY sku`;

export const readStock = async (reader: Reader): Promise<StockFacts[]> => reader.rows<StockFacts>('inventory', STOCK);

export interface ParkedRow {
  consumer: string;
  subject: string;
  topic: string;
  partition: number;
  offset: string;
  reason: string;
  attempts: number;
  dead: boolean;
}

/** An external call that waits for an operator. */
export interface DeadCallRow {
  key: string;
  kind: string;
  subject: string;
  reason: string;
  attempts: number;
}

/** An external call that the other side has put off; times are ISO 8601. */
export interface DeferredCallRow extends DeadCallRow {
  since: string;
  nextAttemptAt: string;
}

/** The queues of one service, and the first events and calls in them that may need an operator. */
export type Queues = QueueFacts & {
  parkedRows: ParkedRow[];
  deadCalls: DeadCallRow[];
  deferredCalls: DeferredCallRow[];
  deferredCount: number;
};

const MOST_SHOWN = 100;

const IS_DEFERRED = `waits_for = 'other-side' AND dead_at IS NULL`;

const QUEUES = `
  SELECT (SELECT count(*) FROM outbox
          WHERE rejected_at IS NULL AND created_at < now() - interval '10 seconds')::int AS unsent,
         (SELECT count(*) FROM outbox WHERE rejected_at IS NOT NULL)::int AS rejected,
         (SELECT count(*) FROM parked)::int AS parked,
         (SELECT count(*) FROM external_calls WHERE ${IS_DEFERRED})::int AS "deferredCount",
         (SELECT count(*)
          FROM (SELECT DISTINCT ON (consumer, subject) dead_at, next_attempt_at
                FROM parked ORDER BY consumer, subject, id) AS head
          WHERE dead_at IS NULL AND next_attempt_at < now() - interval '60 seconds')::int AS forgotten`;

const PARKED = `
  SELECT consumer, subject, topic, partition, "offset"::text AS offset, reason, attempts, dead_at IS NOT NULL AS dead
  FROM parked ORDER BY id LIMIT ${MOST_SHOWN}`;

const DEAD_CALLS = `
  SELECT key, kind, subject, coalesce(last_error, '') AS reason, attempts
  FROM external_calls WHERE dead_at IS NOT NULL ORDER BY key LIMIT ${MOST_SHOWN}`;

const EXPIRED = `
  SELECT consumer, topic, partition, first_offset::text AS first, next_offset::text AS next, found_at AS "foundAt"
  FROM expired_ranges WHERE acknowledged_at IS NULL ORDER BY id`;

export const readExpired = async (reader: Reader): Promise<ExpiredFacts[]> => {
  const read = services.map(async (service) => {
    const rows = await reader.rows<Omit<ExpiredFacts, 'service'>>(service, EXPIRED);
    return rows.map((row) => ({ service, ...row }));
  });
  return (await Promise.all(read)).flat();
};

const instant = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const DEFERRED_CALLS = `
  SELECT key, kind, subject, coalesce(last_error, '') AS reason, attempts,
         ${instant('deferred_since')} AS since, ${instant('next_attempt_at')} AS "nextAttemptAt"
  FROM external_calls WHERE ${IS_DEFERRED}
  ORDER BY deferred_since, key LIMIT ${MOST_SHOWN}`;

export const readQueues = async (reader: Reader): Promise<Queues[]> =>
  Promise.all(
    services.map(async (service) => {
      const [counts] = await reader.rows<Omit<QueueFacts, 'service'> & { deferredCount: number }>(service, QUEUES);
      return {
        service,
        ...counts!,
        parkedRows: await reader.rows<ParkedRow>(service, PARKED),
        deadCalls: await reader.rows<DeadCallRow>(service, DEAD_CALLS),
        deferredCalls: await reader.rows<DeferredCallRow>(service, DEFERRED_CALLS),
      };
    }),
  );
