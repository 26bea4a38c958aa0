import { moneyOf } from '../demo/table.ts';
import type { Books, OrderRow, StockRow } from './books.ts';

/** One rule with the figures of both sides. */
export interface Finding {
  rule: string;
  expected: string;
  found: string;
  /** What breaks the rule, a line each; empty when it holds. */
  problems: string[];
}

type Rule = (books: Books, deadlineSeconds: number) => Finding;

const settledOf = ({ orders }: Books): OrderRow[] => orders.filter(({ settled }) => settled);

const sum = <T>(items: Iterable<T>, valueOf: (item: T) => number): number =>
  [...items].reduce((total, item) => total + valueOf(item), 0);

const everyOrderIsSettled: Rule = ({ orders }, deadlineSeconds) => {
  const open = orders.filter(({ settled }) => !settled);
  const late = open.filter(({ ageSeconds }) => ageSeconds > deadlineSeconds);
  return {
    rule: 'every order is settled, or younger than its deadline',
    expected: `${orders.length} orders`,
    found: `${orders.length - open.length} settled, ${open.length - late.length} younger than ${deadlineSeconds} s`,
    problems: late.map(({ orderId, status, ageSeconds }) => `${orderId} is ${status} for ${Math.round(ageSeconds)} s`),
  };
};

const versionsHaveNoGap: Rule = ({ orders }) => ({
  rule: 'versions have no gap, and the snapshot has the last one',
  expected: `${sum(orders, ({ version }) => version ?? 0)} versions`,
  found: `${sum(orders, ({ events }) => events)} events`,
  problems: orders
    .filter((it) => it.firstVersion !== 1 || it.events !== it.lastVersion || it.version !== it.lastVersion)
    .map((it) => `${it.orderId} has ${it.events} events up to ${it.lastVersion}, and a snapshot of ${it.version}`),
});

const viewHeardAll: Rule = (books) => {
  const settled = settledOf(books);
  const said = (orderId: string, { lastVersion }: OrderRow) => [
    lastVersion,
    books.reservations.get(orderId)?.sequence ?? 0,
    books.payments.get(orderId)?.sequence ?? 0,
    books.notices.get(orderId)?.sequence ?? 0,
  ];
  const heard = (it: OrderRow) => [it.viewVersion, it.inventorySeq, it.paymentsSeq, it.notificationsSeq];
  return {
    rule: 'the view of a settled order has heard all that was said',
    expected: `${sum(settled, (it) => sum(said(it.orderId, it), Number))} events said`,
    found: `${sum(settled, (it) => sum(heard(it), Number))} heard`,
    problems: settled
      .filter((it) => said(it.orderId, it).join() !== heard(it).join())
      .map((it) => `${it.orderId}: said ${said(it.orderId, it).join(', ')}, heard ${heard(it).join(', ')}`),
  };
};

const stockAddsUp: Rule = ({ stock }) => ({
  rule: 'stock: delivered = on hand + committed',
  expected: `${sum(stock, ({ delivered }) => delivered)} delivered`,
  found: `${sum(stock, ({ onHand }) => onHand)} on hand, ${sum(stock, ({ committed }) => committed)} committed`,
  problems: stock
    .filter((it) => it.delivered !== it.onHand + it.committed || Math.min(it.onHand, it.reserved, it.committed) < 0)
    .map((it) => `${it.sku}: ${it.delivered} delivered, ${it.onHand} on hand, ${it.committed} committed`),
});

const reservationsAddUp: Rule = ({ stock }) => {
  const held = ({ reserved, committed }: StockRow) => reserved + committed;
  const booked = (it: StockRow) => it.openReservations + it.committedReservations;
  return {
    rule: 'stock: reserved and committed = what reservations hold',
    expected: `${sum(stock, held)} by product`,
    found: `${sum(stock, booked)} by order`,
    problems: stock
      .filter((it) => it.reserved !== it.openReservations || it.committed !== it.committedReservations)
      .map(
        (it) =>
          `${it.sku}: ${it.reserved} and ${it.committed}, not ${it.openReservations} and ${it.committedReservations}`,
      ),
  };
};

const stockFollowsTheOrder: Rule = (books) => {
  const settled = settledOf(books);
  const stateOf = ({ orderId }: OrderRow) => books.reservations.get(orderId)?.status ?? 'none';
  const holds = (it: OrderRow) => ['reserved', 'committed'].includes(stateOf(it));
  return {
    rule: 'stock is committed for confirmed orders, held for no cancelled one',
    expected: `${settled.filter(({ status }) => status === 'confirmed').length} confirmed`,
    found: `${settled.filter((it) => stateOf(it) === 'committed').length} committed`,
    problems: settled
      .filter((it) => (it.status === 'confirmed' ? stateOf(it) !== 'committed' : holds(it)))
      .map((it) => `${it.orderId} is ${it.status}, its stock ${stateOf(it)}`),
  };
};

/** Money that should have been kept and was kept, order by order. */
function money(rule: string, books: Books, keptFor: (orderId: string) => number, strangers: string[]): Finding {
  const settled = settledOf(books);
  const due = ({ status, totalMinor }: OrderRow) => (status === 'confirmed' ? totalMinor : 0);
  const totalOf = (valueOf: (order: OrderRow) => number) =>
    [...new Set(settled.map(({ currency }) => currency))]
      .map((currency) => [settled.filter((it) => it.currency === currency), currency] as const)
      .map(([orders, currency]) => moneyOf(sum(orders, valueOf), currency))
      .join(', ') || 'nothing';
  return {
    rule,
    expected: `${totalOf(due)} due`,
    found: `${totalOf(({ orderId }) => keptFor(orderId))} kept`,
    problems: [
      ...settled
        .filter((it) => due(it) !== keptFor(it.orderId))
        .map((it) => `${it.orderId} is ${it.status}: ${keptFor(it.orderId)} kept, ${due(it)} due`),
      ...strangers.map((orderId) => `${orderId} was never placed`),
    ],
  };
}

const moneyInOurBooks: Rule = (books) => {
  const keptFor = (orderId: string) => {
    const payment = books.payments.get(orderId);
    return payment?.status === 'captured' || payment?.status === 'refunding' ? payment.amountMinor : 0;
  };
  return money('money in our books: captured − refunded = due', books, keptFor, []);
};

const moneyAtTheProvider: Rule = (books) => {
  const placed = new Set(books.orders.map(({ orderId }) => orderId));
  const strangers = [...books.charges.keys()].filter((orderId) => !placed.has(orderId));
  const keptFor = (orderId: string) => books.charges.get(orderId)?.keptMinor ?? 0;
  return money("money in the provider's books: captured − refunded = due", books, keptFor, strangers);
};

const neverTwoCaptures: Rule = ({ charges }) => ({
  rule: 'never two captures for one order',
  expected: `${charges.size} orders charged`,
  found: `${sum(charges.values(), ({ captures }) => captures)} captures`,
  problems: [...charges]
    .filter(([, { captures }]) => captures > 1)
    .map(([orderId, { captures }]) => `${orderId} was charged ${captures} times`),
});

const oneMailPerTemplate: Rule = (books) => {
  const settled = settledOf(books);
  const due = ({ orderId, status }: OrderRow) => {
    const refunded = books.payments.get(orderId)?.status === 'refunded';
    const givenUp = books.notices.get(orderId)?.mails ?? {};
    const templates = [`order-${status}`, ...(refunded ? ['payment-refunded'] : [])];
    return templates.filter((template) => givenUp[template]?.status !== 'failed');
  };
  const came = ({ orderId }: OrderRow) =>
    Object.entries(books.mailboxes.get(orderId) ?? {})
      .flatMap(([template, mails]) => Array.from({ length: mails }, () => template))
      .toSorted();
  return {
    rule: 'one mail per settled order and template',
    expected: `${sum(settled, (it) => due(it).length)} mails due`,
    found: `${sum(settled, (it) => came(it).length)} mails came`,
    problems: settled
      .filter((it) => due(it).join() !== came(it).join())
      .map((it) => `${it.orderId}: ${came(it).join(', ') || 'none'} came, ${due(it).join(', ')} due`),
  };
};

const outboxesAreDrained: Rule = ({ waiting }) => ({
  rule: 'outboxes are drained',
  expected: '0 events waiting for 10 s or more',
  found: `${sum(waiting, ({ unsent }) => unsent)} waiting, ${sum(waiting, ({ setAside }) => setAside)} set aside`,
  problems: waiting
    .filter(({ unsent, setAside }) => unsent + setAside > 0)
    .map(({ service, unsent, setAside }) => `${service}: ${unsent} waiting, ${setAside} set aside`),
});

const nothingIsLeftToDo: Rule = (books) => {
  const settled = new Set(settledOf(books).map(({ orderId }) => orderId));
  const left = books.waiting.flatMap(({ service, calls }) =>
    calls.filter((orderId) => settled.has(orderId)).map((orderId) => `${orderId}: ${service} still has a call to make`),
  );
  return {
    rule: 'nothing is left to do outside for settled orders',
    expected: '0 calls',
    found: `${left.length} calls`,
    problems: left,
  };
};

export const rules: readonly Rule[] = [
  everyOrderIsSettled,
  versionsHaveNoGap,
  viewHeardAll,
  moneyInOurBooks,
  moneyAtTheProvider,
  neverTwoCaptures,
  stockAddsUp,
  reservationsAddUp,
  stockFollowsTheOrder,
  oneMailPerTemplate,
  outboxesAreDrained,
  nothingIsLeftToDo,
];
