import { amountText } from '@orderflow/contracts';
import { type OrderFacts, orderRule, settledOf, type SnapshotFacts } from './order-facts.ts';
import { type Judgement, judged, judgedNone, nothing } from './rule.ts';

/** Captured − refunded, against what the outcome of the order calls for. */
function judgeMoney(facts: OrderFacts, keptMinor: number, keptCurrency: string | null): Judgement {
  const order = settledOf(facts);
  if (order === undefined) return nothing;
  const { status, totalMinor, currency } = order;
  const due = status === 'confirmed' ? totalMinor : 0;
  const unit = keptCurrency ?? currency;
  const holds = due === keptMinor && (due === 0 || keptCurrency === currency);
  const broken = {
    expected: `${amountText(due, currency)} of an order that is ${status}`,
    found: `${amountText(keptMinor, unit)} kept`,
  };
  return judged(holds, { [`${currency} due`]: due }, { [`${unit} kept`]: keptMinor }, broken);
}

const moneyInOurBooks = orderRule(
  'money-books',
  'money in our books: captured − refunded = due',
  (facts) => {
    const { payment } = facts;
    const isKept = payment?.status === 'captured' || payment?.status === 'refunding';
    return judgeMoney(facts, isKept ? payment.amountMinor : 0, payment?.currency ?? null);
  },
  { isMoney: true },
);

const moneyAtTheProvider = orderRule(
  'money-provider',
  "money in the provider's books: captured − refunded = due",
  (facts) => judgeMoney(facts, facts.charges?.keptMinor ?? 0, facts.charges?.currency ?? null),
  { isMoney: true },
);

const oneCapture = orderRule('one-capture', 'never two captures for one order', ({ charges }) => {
  const captures = charges?.captures ?? 0;
  const broken = { expected: '1 capture', found: `${captures} captures` };
  return judged(captures < 2, { 'orders charged': Math.min(captures, 1) }, { captures }, broken);
});

const stockOfOrders = orderRule(
  'stock-orders',
  'stock is committed for confirmed orders, held for no cancelled one',
  (facts) => {
    const order = settledOf(facts);
    if (order === undefined) return nothing;
    const stock = facts.reservation?.status ?? 'none';
    const [isConfirmed, isCommitted] = [order.status === 'confirmed', stock === 'committed'];
    const holds = isConfirmed ? isCommitted : stock !== 'reserved' && !isCommitted;
    const broken = { expected: isConfirmed ? 'stock committed' : 'no stock held', found: `stock ${stock}` };
    return judged(holds, { confirmed: isConfirmed ? 1 : 0 }, { committed: isCommitted ? 1 : 0 }, broken);
  },
);

/** The templates that the outcome calls for, without mails that notifications gave up. */
function mailsDue({ payment, notices }: OrderFacts, { status }: SnapshotFacts): string[] {
  const templates = [`order-${status}`, ...(payment?.status === 'refunded' ? ['payment-refunded'] : [])];
  return templates.filter((template) => notices?.mails[template]?.status !== 'failed');
}

const mails = orderRule('mails', 'one mail per order and template, and those that the outcome calls for', (facts) => {
  const order = settledOf(facts);
  const came = Object.entries(facts.mailbox ?? {})
    .flatMap(([template, count]) => Array.from({ length: count }, () => template))
    .toSorted();
  // An order that is not settled may have any of its mails, but none twice.
  const due = order === undefined ? [...new Set(came)] : mailsDue(facts, order);
  const broken = { expected: due.join(', ') || 'no mail', found: came.join(', ') || 'no mail' };
  return judged(due.join() === came.join(), { 'mails due': due.length }, { 'mails came': came.length }, broken);
});

const mailCopies = orderRule('mail-copies', 'no mail arrives a second time', ({ mailCopies = 0, mailbox = {} }) => {
  const mails = Object.values(mailbox).reduce((sum, count) => sum + count, 0);
  const broken = { expected: `${mails} mails`, found: `${mails + mailCopies} copies` };
  return judged(mailCopies === 0, { mails }, { copies: mails + mailCopies }, broken);
});

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

const strangers = orderRule(
  'strangers',
  'nothing is held, charged, mailed or shown for an order that was never placed',
  (facts) => {
    if (facts.history !== undefined) return nothing;
    const traces = tracesOf(facts);
    return judgedNone('traces', traces.length, { expected: 'no trace', found: traces.join(', ') });
  },
);

const leftOver = orderRule('left-over', 'no external call is left to make for settled orders', (facts) => {
  if (settledOf(facts) === undefined) return nothing;
  const { calls } = facts;
  return judgedNone('calls', calls.length, { expected: 'no call', found: `a call of ${calls.join(', ')}` });
});

const tokens = orderRule(
  'tokens',
  'payment tokens are stored encrypted, and not at payments once the charge is decided',
  (facts) => {
    const { history, payment } = facts;
    const found = [
      ...(history?.token === 'clear' ? ['in clear at orders'] : []),
      ...(payment?.token === 'clear' ? ['in clear at payments'] : []),
      ...(payment?.token && settledOf(facts) ? ['kept at payments'] : []),
    ];
    return judgedNone('tokens', found.length, { expected: 'none in clear, none kept', found: found.join(', ') });
  },
);

/** Rules about the effects of an order elsewhere: money, stock, mail, external calls and payment tokens. */
export const effectRules = [
  moneyInOurBooks,
  moneyAtTheProvider,
  oneCapture,
  stockOfOrders,
  mails,
  mailCopies,
  strangers,
  leftOver,
  tokens,
];
