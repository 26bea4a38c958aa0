import { moneyOf } from '../demo/table.ts';
import type { OrderFacts, OrderRow } from './facts.ts';
import type { Judgement } from './finding.ts';
import { nothing, orderRule, type OrderRule, settledOf } from './history-rules.ts';

interface Money {
  minor: number;
  currency: string | null;
}

const write = (amount: number, unit: string): string => {
  const [currency = '', ...what] = unit.split(' ');
  return `${moneyOf(amount, currency)} ${what.join(' ')}`;
};

/** What should have been kept of an order's money and what was. */
function judgeMoney(facts: OrderFacts, kept: Money): Judgement {
  const order = settledOf(facts);
  if (order === undefined) return nothing;
  const { status, totalMinor, currency } = order;
  const due = status === 'confirmed' ? (totalMinor ?? 0) : 0;
  const figures = {
    expected: { [`${currency} due`]: due },
    found: { [`${kept.currency ?? currency} kept`]: kept.minor },
  };
  if (due === kept.minor && (due === 0 || kept.currency === currency)) return figures;
  return {
    ...figures,
    broken: {
      expected: `${due} ${currency} of an order that is ${status}`,
      found: `${kept.minor} ${kept.currency ?? currency} kept`,
    },
  };
}

const moneyInOurBooks = orderRule({
  id: 'money-books',
  rule: 'money in our books: captured − refunded = due',
  judge(facts) {
    const { payment } = facts;
    const isKept = payment?.status === 'captured' || payment?.status === 'refunding';
    return judgeMoney(facts, { minor: isKept ? payment.amountMinor : 0, currency: payment?.currency ?? null });
  },
  write,
});

const moneyAtTheProvider = orderRule({
  id: 'money-provider',
  rule: "money in the provider's books: captured − refunded = due",
  judge: (facts) =>
    judgeMoney(facts, { minor: facts.charges?.keptMinor ?? 0, currency: facts.charges?.currency ?? null }),
  write,
});

const oneCapture = orderRule({
  id: 'one-capture',
  rule: 'never two captures for one order',
  judge({ charges }) {
    const captures = charges?.captures ?? 0;
    const figures = { expected: { 'orders charged': Math.min(captures, 1) }, found: { captures } };
    return captures < 2 ? figures : { ...figures, broken: { expected: '1 capture', found: `${captures} captures` } };
  },
});

const stockOfOrders = orderRule({
  id: 'stock-orders',
  rule: 'stock is committed for confirmed orders, held for no cancelled one',
  judge(facts) {
    const order = settledOf(facts);
    if (order === undefined) return nothing;
    const state = facts.reservation?.status ?? 'none';
    const isConfirmed = order.status === 'confirmed';
    const figures = {
      expected: { confirmed: isConfirmed ? 1 : 0 },
      found: { committed: state === 'committed' ? 1 : 0 },
    };
    if (isConfirmed ? state === 'committed' : state !== 'reserved' && state !== 'committed') return figures;
    return {
      ...figures,
      broken: { expected: isConfirmed ? 'stock committed' : 'no stock held', found: `stock ${state}` },
    };
  },
});

/** By what an order's outcome calls for; what notifications gave up is not due. */
function mailsDue({ payment, notices }: OrderFacts, { status }: OrderRow): string[] {
  const templates = [`order-${status}`, ...(payment?.status === 'refunded' ? ['payment-refunded'] : [])];
  return templates.filter((template) => notices?.mails[template]?.status !== 'failed');
}

const mails = orderRule({
  id: 'mails',
  rule: 'one mail per order and template, and those that the outcome calls for',
  judge(facts) {
    const order = settledOf(facts);
    const came = Object.entries(facts.mailbox ?? {})
      .flatMap(([template, count]) => Array.from({ length: count }, () => template))
      .toSorted();
    // What is still under way may have one of them, and none of them twice.
    const due = order === undefined ? [...new Set(came)] : mailsDue(facts, order);
    const figures = { expected: { 'mails due': due.length }, found: { 'mails came': came.length } };
    if (due.join() === came.join()) return figures;
    return { ...figures, broken: { expected: due.join(', ') || 'no mail', found: came.join(', ') || 'no mail' } };
  },
});

const strangers = orderRule({
  id: 'strangers',
  rule: 'nothing is held, charged, mailed or shown for an order that was never placed',
  judge(facts) {
    if (facts.order !== undefined && facts.order.events > 0) return nothing;
    const traces = tracesOf(facts);
    const figures = { expected: { traces: 0 }, found: { traces: traces.length } };
    return traces.length === 0 ? figures : { ...figures, broken: { expected: 'no trace', found: traces.join(', ') } };
  },
});

// Rows that were only made to be locked say nothing: those of an order that never came.
function tracesOf({ order, reservation, payment, notices, charges, mailbox, calls }: OrderFacts): string[] {
  return [
    ...(order?.version ? ['a snapshot'] : []),
    ...(order?.viewVersion ? ['a view'] : []),
    ...(reservation && reservation.sequence > 0 ? [`stock ${reservation.status}`] : []),
    ...(payment && payment.sequence > 0 ? [`payment ${payment.status}`] : []),
    ...(notices && notices.sequence > 0 ? ['notifications'] : []),
    ...(charges ? [`${charges.captures} captures`] : []),
    ...Object.keys(mailbox ?? {}).map((template) => `mail ${template}`),
    ...calls.map((service) => `a call of ${service}`),
  ];
}

const leftOver = orderRule({
  id: 'left-over',
  rule: 'nothing is left to do outside for settled orders',
  judge(facts) {
    if (settledOf(facts) === undefined) return nothing;
    const { calls } = facts;
    const figures = { expected: { calls: 0 }, found: { calls: calls.length } };
    if (calls.length === 0) return figures;
    return { ...figures, broken: { expected: 'no call', found: `a call of ${calls.join(', ')}` } };
  },
});

export const effectRules: readonly OrderRule[] = [
  moneyInOurBooks,
  moneyAtTheProvider,
  oneCapture,
  stockOfOrders,
  mails,
  strangers,
  leftOver,
];
