import type { ListFilter } from '../domain/journal.js';
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
  const { status, settled, reason, stuckSince, customerId, sku, at, after } = filter;
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const instant = at && bind(at);
  // An order without a decision is under way; so is every one that is late.
  const isUnderWay = settled === false || status === 'placed' || stuckSince !== undefined;
  const conditions = [
    'placed_at IS NOT NULL',
    ...(instant === undefined ? now(filter, bind) : then(filter, bind, instant)),
    ...(stuckSince === undefined ? [] : [`placed_at <= ${bind(stuckSince)}`]),
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

const now = ({ status, settled, stuckSince }: ListFilter, bind: Bind): string[] => [
  ...(status === undefined ? [] : [`status = ${bind(status)}`]),
  // A placed order is never settled, and neither is one that is late: the partial index covers those that are not.
  ...(status === 'placed' || stuckSince !== undefined ? ['NOT settled'] : []),
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
