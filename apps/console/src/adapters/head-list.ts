import type { ListFilter, TroubleQuestion } from '../domain/journal.js';
import type { TroubledOrders } from '../domain/troubles.js';
import { HEAD_COLUMNS } from './head-row.js';

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * The orders that were under way at an instant, each by an index: those that still are, those that were placed shortly before
 * it, and those that took longer. One condition for all three would read every order that was placed before.
 * @param at the parameter of the instant, such as `$1`
 */
const underWayAt = (at: string): string => `(
  SELECT * FROM heads WHERE NOT settled AND placed_at <= ${at}
  UNION ALL
  SELECT * FROM heads WHERE settled AND settled_at > ${at} AND placed_at <= ${at}
         AND placed_at > ${at}::timestamptz - interval '2 minutes'
  UNION ALL
  SELECT * FROM heads WHERE settled AND settled_at > ${at} AND placed_at <= ${at}::timestamptz - interval '2 minutes'
         AND settled_at - placed_at > interval '2 minutes') AS heads`;

/** The statement of a page of the list: the first `count` orders after the cursor, the newest first. */
export function listOf(filter: ListFilter, count: number): Statement {
  const { status, settled, reason, trouble, customerId, sku, at, after } = filter;
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const instant = at && bind(at);
  // An order without a decision is under way; so is every one that is late.
  const isUnderWay = settled === false || status === 'placed' || trouble?.overdueSince !== undefined;
  const conditions = [
    'placed_at IS NOT NULL',
    ...(instant === undefined ? now(filter, bind) : then(filter, bind, instant)),
    ...(trouble === undefined ? [] : [troubled(trouble, bind, instant)]),
    ...(reason === undefined ? [] : [`cancel_reason = ${bind(reason)}`]),
    ...(customerId === undefined ? [] : [`customer_id = ${bind(customerId)}`]),
    ...(sku === undefined
      ? []
      : [`order_id IN (SELECT subject FROM search_terms WHERE kind = 'sku' AND term = ${bind(sku)})`]),
    ...(after === undefined ? [] : [`(placed_at, order_id) < (${bind(after.placedAt)}, ${bind(after.orderId)})`]),
  ];
  const from = instant !== undefined && isUnderWay ? underWayAt(instant) : 'heads';
  return {
    text: `SELECT ${HEAD_COLUMNS} FROM ${from} WHERE ${conditions.join(' AND ')}
           ORDER BY placed_at DESC, order_id DESC LIMIT ${bind(count)}`,
    values,
  };
}

type Bind = (value: unknown) => string;

function troubled({ overdueSince, orderIds }: TroubledOrders, bind: Bind, at: string | undefined): string {
  const late = overdueSince && lateSince(bind(overdueSince), at);
  if (orderIds === undefined) return late ?? 'false';
  const ids = bind(orderIds);
  if (late === undefined) return `order_id = ANY(${ids}::text[])`;
  // Looked for apart, each by its index: with OR the whole list would be read.
  return `order_id IN (SELECT order_id FROM heads WHERE ${late} UNION SELECT unnest(${ids}::text[]))`;
}

/** At an instant it is asked of those that were under way then. */
const lateSince = (since: string, at: string | undefined): string =>
  `placed_at <= ${since}${at === undefined ? ' AND NOT settled' : ''}`;

const now = ({ status, settled }: ListFilter, bind: Bind): string[] => [
  ...(status === undefined ? [] : [`status = ${bind(status)}`]),
  // A placed order is never settled: the partial index covers those that are not.
  ...(status === 'placed' ? ['NOT settled'] : []),
  ...(settled === undefined ? [] : [settled ? 'settled' : 'NOT settled']),
];

const then = ({ status, settled, reason }: ListFilter, bind: Bind, at: string): string[] => [
  `placed_at <= ${at}`,
  ...(status === 'placed' ? [`(decided_at IS NULL OR decided_at > ${at})`] : []),
  ...(status === undefined || status === 'placed' ? [] : [`status = ${bind(status)}`]),
  ...((status ?? reason) === undefined || status === 'placed' ? [] : [`decided_at <= ${at}`]),
  ...(settled === true ? ['settled', `settled_at <= ${at}`] : []),
];

/** The statement that counts the orders of each kind, each up to `most`. */
export function countsOf(at: Date | undefined, most: number): Statement {
  const capped = (from: string, condition: string): string =>
    `(SELECT count(*)::int FROM (SELECT FROM ${from} WHERE ${condition} LIMIT $1) AS counted)`;
  const [placed, decided] = at ? ['placed_at <= $2', 'decided_at <= $2'] : ['placed_at IS NOT NULL', 'true'];
  return {
    text: `SELECT ${capped('heads', placed)} AS all,
                  ${at ? capped(underWayAt('$2'), 'true') : capped('heads', 'placed_at IS NOT NULL AND NOT settled')} AS "underWay",
                  ${capped('heads', `${placed} AND status = 'confirmed' AND ${decided}`)} AS confirmed,
                  ${capped('heads', `${placed} AND status = 'cancelled' AND ${decided}`)} AS cancelled`,
    values: at ? [most, at] : [most],
  };
}

/** The statement that counts the orders in trouble, each once in `any`; late ones up to `most`. */
export function troublesOf({ overdueSince, at, parked, dead }: TroubleQuestion, most: number): Statement {
  const placed = 'FROM heads WHERE placed_at IS NOT NULL AND';
  const late = `FROM ${at ? underWayAt('$5') : 'heads'} WHERE ${lateSince('$1::timestamptz', at && '$5')}`;
  return {
    text: `SELECT count(*)::int AS any, count(*) FILTER (WHERE is_late)::int AS overdue,
                  count(*) FILTER (WHERE is_parked)::int AS parked, count(*) FILTER (WHERE is_dead)::int AS dead
           FROM (SELECT bool_or(late) AS is_late, bool_or(parked) AS is_parked, bool_or(dead) AS is_dead
                 FROM ((SELECT order_id, true AS late, false AS parked, false AS dead ${late} LIMIT $4)
                       UNION ALL SELECT order_id, false, true, false ${placed} order_id = ANY($2::text[])
                       UNION ALL SELECT order_id, false, false, true ${placed} order_id = ANY($3::text[])) AS found
                 GROUP BY order_id) AS orders`,
    values: [overdueSince ?? null, parked, dead, most, ...(at ? [at] : [])],
  };
}
