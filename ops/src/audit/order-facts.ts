import type { ServiceName } from '@orderflow/client';
import { services } from '@orderflow/contracts';
import type {
  ChargeFacts,
  HistoryFacts,
  NoticeFacts,
  OrderFacts,
  PaymentFacts,
  ReservationFacts,
  SnapshotFacts,
  ViewFacts,
} from '@orderflow/invariants';
import type { Reader } from './database-reader.ts';

/** Which orders: a range of ids, open at an end that is not given, or a list of ids. */
export type Scope = { after?: string; upTo?: string } | { ids: readonly string[] };

/** A statement whose rows have the order id as `key`. */
type Statement = (scope: Scope) => { text: string; values: unknown[] };

/** Order ids sort alike as uuid and as text, so a range is the same in every database. */
const selectBy =
  (column: string, type: 'uuid' | 'text') =>
  (textOf: (inScope: string) => string): Statement =>
  (scope) => {
    if ('ids' in scope) {
      const ids = type === 'uuid' ? scope.ids.filter((id) => /^[0-9a-f-]{36}$/.test(id)) : scope.ids;
      return { text: textOf(`${column} = ANY ($1::${type}[])`), values: [ids] };
    }
    const inRange = `($1::${type} IS NULL OR ${column} > $1) AND ($2::${type} IS NULL OR ${column} <= $2)`;
    return { text: textOf(inRange), values: [scope.after, scope.upTo] };
  };

const byOrderId = selectBy('order_id', 'uuid');
const byOrderIdText = selectBy('order_id', 'text');

/** How a token is stored: an encrypted one is a compact JWE, five parts between dots. */
const storedAs = (token: string): string => `
  CASE WHEN ${token} LIKE '%.%.%.%.%' THEN 'encrypted' WHEN ${token} <> '' THEN 'clear' END`;

// One statement, and so one moment.
const ORDERS = byOrderId(
  (inScope) => `
  WITH history AS (
    SELECT order_id, count(*)::int AS events, min(version) AS "firstVersion", max(version) AS "lastVersion",
           (array_agg(type ORDER BY version DESC))[1] AS "lastType", max(data->>'reason') AS reason,
           max((data->>'totalMinor')::float8) FILTER (WHERE type = 'OrderPlaced') AS "placedMinor",
           max(${storedAs("data->>'paymentToken'")}) FILTER (WHERE type = 'OrderPlaced') AS token,
           extract(epoch FROM now() - min(time))::float8 AS "ageSeconds"
    FROM order_events WHERE ${inScope} GROUP BY order_id
  ), snapshots AS (
    SELECT order_id, status, version, cancel_reason AS "cancelReason", total_minor::float8 AS "totalMinor", currency
    FROM orders WHERE ${inScope}
  ), views AS (
    SELECT order_id, settled, status, cancel_reason AS "cancelReason", stock, payment,
           json_build_object('orders', version, 'inventory', inventory_seq, 'payments', payments_seq,
                             'notifications', notifications_seq) AS sequences
    FROM order_views WHERE ${inScope}
  )
  SELECT order_id AS key, row_to_json(history) AS history, row_to_json(snapshots) AS snapshot, row_to_json(views) AS view
  FROM history FULL JOIN snapshots USING (order_id) FULL JOIN views USING (order_id)`,
);

const RESERVATIONS = byOrderId(
  (inScope) => `SELECT order_id AS key, status, sequence FROM reservations WHERE ${inScope}`,
);

const PAYMENTS = byOrderId(
  (inScope) => `
  SELECT order_id AS key, status, sequence, coalesce(amount_minor, 0)::float8 AS "amountMinor", currency,
         ${storedAs('token')} AS token
  FROM payments WHERE ${inScope}`,
);

const NOTICES = byOrderId((inScope) => `SELECT order_id AS key, sequence, mails FROM notices WHERE ${inScope}`);

const CHARGES = byOrderIdText(
  (inScope) => `
  SELECT order_id AS key, count(*) FILTER (WHERE status = 'captured')::int AS captures,
         coalesce(sum(amount_minor - refunded_minor) FILTER (WHERE status = 'captured'), 0)::float8 AS "keptMinor",
         string_agg(DISTINCT currency, ' and ') FILTER (WHERE status = 'captured') AS currency
  FROM charges WHERE ${inScope} GROUP BY order_id`,
);

const MAILS = byOrderIdText(
  (inScope) => `
  SELECT order_id AS key, jsonb_object_agg(template, mails) AS mailbox, sum(again)::int AS "mailCopies"
  FROM (
    SELECT order_id, coalesce(template, '') AS template, count(*) AS mails, sum(copies - 1) AS again
    FROM mails WHERE ${inScope} GROUP BY 1, 2
  ) AS of_order
  WHERE order_id IS NOT NULL GROUP BY order_id`,
);

const CALLS = selectBy(
  'subject',
  'text',
)(
  (inScope) => `
  SELECT subject AS key, count(*) FILTER (WHERE kind = 'mail' AND waits_for = 'other-side')::int AS "deferredMails"
  FROM external_calls WHERE ${inScope} GROUP BY subject`,
);

/** History, snapshot and view of one order, as of one moment. */
interface OrderRow {
  history: HistoryFacts | null;
  snapshot: SnapshotFacts | null;
  view: ViewFacts | null;
}

/**
 * Reads every fact about the orders in scope. Orders is read first: an order that is settled there is final in the services that
 * are read after it, so the system may be at work meanwhile.
 */
export async function readOrderFacts(reader: Reader, scope: Scope, lateAfterSeconds: number): Promise<OrderFacts[]> {
  const all = new Map<string, OrderFacts>();
  const read = async <Row>(
    service: ServiceName,
    statement: Statement,
    factsIn: (row: Row, known: OrderFacts) => Partial<OrderFacts>,
  ) => {
    const { text, values } = statement(scope);
    for (const { key, ...row } of await reader.rows<{ key: string }>(service, text, values)) {
      const known = all.get(key) ?? { orderId: key, lateAfterSeconds, calls: [] };
      all.set(key, { ...known, ...factsIn(row as Row, known) });
    }
  };
  await read<OrderRow>('orders', ORDERS, ({ history, snapshot, view }) => ({
    ...(history && { history }),
    ...(snapshot && { snapshot }),
    ...(view && { view }),
  }));
  await Promise.all([
    read<ReservationFacts>('inventory', RESERVATIONS, (reservation) => ({ reservation })),
    read<PaymentFacts>('payments', PAYMENTS, (payment) => ({ payment })),
    read<NoticeFacts>('notifications', NOTICES, (notices) => ({ notices })),
    read<ChargeFacts>('sandbox', CHARGES, (charges) => ({ charges })),
    read<{ mailbox: Record<string, number>; mailCopies: number }>('sandbox', MAILS, (mails) => mails),
    ...services.map(async (it) =>
      read<{ deferredMails: number }>(it, CALLS, ({ deferredMails }, { calls }) => ({
        calls: [...calls, it],
        ...(deferredMails > 0 && { deferredMails }),
      })),
    ),
  ]);
  return [...all.values()];
}

/** The last id of a range of `$1` orders; no row if fewer are left. */
const END_OF_RANGE = `
  SELECT order_id AS key FROM order_events
  WHERE version = 1 AND ($2::uuid IS NULL OR order_id > $2) ORDER BY order_id OFFSET $1 LIMIT 1`;

/** The facts of all orders, one range of ids at a time, so that memory is bounded however many there are. */
export async function* readAllOrderFacts(
  reader: Reader,
  atOnce: number,
  lateAfterSeconds: number,
): AsyncGenerator<OrderFacts[]> {
  let after: string | undefined;
  do {
    const [end] = await reader.rows<{ key: string }>('orders', END_OF_RANGE, [atOnce, after]);
    yield await readOrderFacts(reader, { ...(after && { after }), ...(end && { upTo: end.key }) }, lateAfterSeconds);
    after = end?.key;
  } while (after !== undefined);
}
