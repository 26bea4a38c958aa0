import { type OrderFacts, settledOf, type SnapshotFacts } from './order-facts.ts';
import { type Judgement, judged, nothing, type Rule } from './rule.ts';

type OrderRule = Rule<OrderFacts>;

const subjectOf = ({ orderId }: OrderFacts): string => orderId;

/** Captured − refunded, against what the outcome of the order calls for. */
function judgeMoney(facts: OrderFacts, keptMinor: number, keptCurrency: string | null): Judgement {
  const order = settledOf(facts);
  if (order === undefined) return nothing;
  const { status, totalMinor, currency } = order;
  const due = status === 'confirmed' ? totalMinor : 0;
  const unit = keptCurrency ?? currency;
  return judged(
    due === keptMinor && (due === 0 || keptCurrency === currency),
    { expected: { [`${currency} due`]: due }, found: { [`${unit} kept`]: keptMinor } },
    { expected: `${due} ${currency} of an order that is ${status}`, found: `${keptMinor} ${unit} kept` },
  );
}

const moneyInOurBooks: OrderRule = {
  id: 'money-books',
  rule: 'money in our books: captured − refunded = due',
  isMoney: true,
  subjectOf,
  judge(facts) {
    const { payment } = facts;
    const isKept = payment?.status === 'captured' || payment?.status === 'refunding';
    return judgeMoney(facts, isKept ? payment.amountMinor : 0, payment?.currency ?? null);
  },
};

const moneyAtTheProvider: OrderRule = {
  id: 'money-provider',
  rule: "money in the provider's books: captured − refunded = due",
  isMoney: true,
  subjectOf,
  judge: (facts) => judgeMoney(facts, facts.charges?.keptMinor ?? 0, facts.charges?.currency ?? null),
};

const oneCapture: OrderRule = {
  id: 'one-capture',
  rule: 'never two captures for one order',
  subjectOf,
  judge({ charges }) {
    const captures = charges?.captures ?? 0;
    const figures = { expected: { 'orders charged': Math.min(captures, 1) }, found: { captures } };
    return judged(captures < 2, figures, { expected: '1 capture', found: `${captures} captures` });
  },
};

const stockOfOrders: OrderRule = {
  id: 'stock-orders',
  rule: 'stock is committed for confirmed orders, held for no cancelled one',
  subjectOf,
  judge(facts) {
    const order = settledOf(facts);
    if (order === undefined) return nothing;
    const stock = facts.reservation?.status ?? 'none';
    const isConfirmed = order.status === 'confirmed';
    return judged(
      isConfirmed ? stock === 'committed' : stock !== 'reserved' && stock !== 'committed',
      { expected: { confirmed: isConfirmed ? 1 : 0 }, found: { committed: stock === 'committed' ? 1 : 0 } },
      { expected: isConfirmed ? 'stock committed' : 'no stock held', found: `stock ${stock}` },
    );
  },
};

/** The templates that the outcome calls for, without mails that notifications gave up. */
function mailsDue({ payment, notices }: OrderFacts, { status }: SnapshotFacts): string[] {
  const templates = [`order-${status}`, ...(payment?.status === 'refunded' ? ['payment-refunded'] : [])];
  return templates.filter((template) => notices?.mails[template]?.status !== 'failed');
}

const mails: OrderRule = {
  id: 'mails',
  rule: 'one mail per order and template, and those that the outcome calls for',
  subjectOf,
  judge(facts) {
    const order = settledOf(facts);
    const came = Object.entries(facts.mailbox ?? {})
      .flatMap(([template, count]) => Array.from({ length: count }, () => template))
      .toSorted();
    // An order that is not settled may have any of its mails, but none twice.
    const due = order === undefined ? [...new Set(came)] : mailsDue(facts, order);
    return judged(
      due.join() === came.join(),
      { expected: { 'mails due': due.length }, found: { 'mails came': came.length } },
      { expected: due.join(', ') || 'no mail', found: came.join(', ') || 'no mail' },
    );
  },
};

// Rows that were made only to be locked are no trace.
function tracesOf({ snapshot, view, reservation, payment, notices, charges, mailbox, calls }: OrderFacts): string[] {
  return [
    ...(snapshot ? ['a snapshot'] : []),
    ...(view && view.sequences.orders > 0 ? ['a view'] : []),
    ...(reservation && reservation.sequence > 0 ? [`stock ${reservation.status}`] : []),
    ...(payment && payment.sequence > 0 ? [`payment ${payment.status}`] : []),
    ...(notices && notices.sequence > 0 ? ['notifications'] : []),
    ...(charges ? [`${charges.captures} captures`] : []),
    ...Object.keys(mailbox ?? {}).map((template) => `mail ${template}`),
    ...calls.map((service) => `an external call of ${service}`),
  ];
}

const strangers: OrderRule = {
  id: 'strangers',
  rule: 'nothing is held, charged, mailed or shown for an order that was never placed',
  subjectOf,
  judge(facts) {
    if (facts.history !== undefined) return nothing;
    const traces = tracesOf(facts);
    const figures = { expected: { traces: 0 }, found: { traces: traces.length } };
    return judged(traces.length === 0, figures, { expected: 'no trace', found: traces.join(', ') });
  },
};

const leftOver: OrderRule = {
  id: 'left-over',
  rule: 'no external call is left to make for settled orders',
  subjectOf,
  judge(facts) {
    if (settledOf(facts) === undefined) return nothing;
    const { calls } = facts;
    const figures = { expected: { calls: 0 }, found: { calls: calls.length } };
    return judged(calls.length === 0, figures, { expected: 'no call', found: `a call of ${calls.join(', ')}` });
  },
};

/** Rules about the effects of an order elsewhere: money, stock, mail and external calls. */
export const effectRules: readonly OrderRule[] = [
  moneyInOurBooks,
  moneyAtTheProvider,
  oneCapture,
  stockOfOrders,
  mails,
  strangers,
  leftOver,
];
