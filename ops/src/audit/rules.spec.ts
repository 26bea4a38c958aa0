import { describe, expect, it } from '@jest/globals';
import type { OrderFacts, OrderRow } from './facts.ts';
import { MOST_NAMED, Tally } from './finding.ts';
import { orderRules } from './judge-orders.ts';
import { type StockRow, stockRules } from './stock.ts';
import { type Waiting, waitingRules } from './waiting.ts';

const LATE_AFTER = 60;

const order = (changes: Partial<OrderRow> = {}): OrderRow => ({
  events: 2,
  firstVersion: 1,
  lastVersion: 2,
  lastType: 'OrderConfirmed',
  reason: null,
  placedMinor: 500,
  ageSeconds: 3_600,
  status: 'confirmed',
  version: 2,
  cancelReason: null,
  totalMinor: 500,
  currency: 'EUR',
  settled: true,
  viewStatus: 'confirmed',
  viewReason: null,
  viewStock: 'committed',
  viewPayment: 'captured',
  viewVersion: 2,
  inventorySeq: 2,
  paymentsSeq: 1,
  notificationsSeq: 1,
  ...changes,
});

const confirmed: Required<OrderFacts> = {
  orderId: 'confirmed',
  order: order(),
  reservation: { status: 'committed', sequence: 2 },
  payment: { status: 'captured', sequence: 1, amountMinor: 500, currency: 'EUR' },
  notices: { sequence: 1, mails: { 'order-confirmed': { status: 'sent' } } },
  charges: { captures: 1, keptMinor: 500, currency: 'EUR' },
  mailbox: { 'order-confirmed': 1 },
  calls: [],
};

const ended = (reason: string, stock: string, payment: string, seqs: number[]): OrderRow =>
  order({
    lastType: 'OrderCancelled',
    reason,
    status: 'cancelled',
    cancelReason: reason,
    viewStatus: 'cancelled',
    viewReason: reason,
    viewStock: stock,
    viewPayment: payment,
    inventorySeq: seqs[0]!,
    paymentsSeq: seqs[1]!,
    notificationsSeq: seqs[2]!,
  });

const refunded: Required<OrderFacts> = {
  orderId: 'refunded',
  order: ended('customer_request', 'released', 'refunded', [2, 2, 2]),
  reservation: { status: 'released', sequence: 2 },
  payment: { status: 'refunded', sequence: 2, amountMinor: 500, currency: 'EUR' },
  notices: { sequence: 2, mails: { 'order-cancelled': { status: 'sent' }, 'payment-refunded': { status: 'sent' } } },
  charges: { captures: 1, keptMinor: 0, currency: 'EUR' },
  mailbox: { 'order-cancelled': 1, 'payment-refunded': 1 },
  calls: [],
};

const outOfStock: OrderFacts = {
  orderId: 'out-of-stock',
  order: ended('out_of_stock', 'rejected', 'voided', [1, 1, 1]),
  reservation: { status: 'rejected', sequence: 1 },
  payment: { status: 'voided', sequence: 1, amountMinor: 0, currency: null },
  notices: { sequence: 1, mails: { 'order-cancelled': { status: 'sent' } } },
  mailbox: { 'order-cancelled': 1 },
  calls: [],
};

/** Inventory hears of the cancellation first. */
const overtaken: OrderFacts = { ...outOfStock, order: { ...outOfStock.order!, viewStock: 'none' } };

const givenUp: OrderFacts = {
  ...confirmed,
  notices: { sequence: 1, mails: { 'order-confirmed': { status: 'failed' } } },
  mailbox: {},
};

const underWay: OrderFacts = {
  orderId: 'under-way',
  order: order({
    events: 1,
    lastVersion: 1,
    lastType: 'OrderPlaced',
    status: 'placed',
    version: 1,
    ageSeconds: 5,
    settled: false,
    viewStatus: null,
    viewVersion: 0,
  }),
  reservation: { status: 'reserved', sequence: 1 },
  payment: { status: 'charging', sequence: 0, amountMinor: 500, currency: 'EUR' },
  charges: { captures: 1, keptMinor: 500, currency: 'EUR' },
  calls: ['payments'],
};

/** Rows that were made to be locked, for an order of which only a part was heard. */
const unheard: OrderFacts = {
  orderId: 'unheard',
  reservation: { status: 'none', sequence: 0 },
  payment: { status: 'awaiting', sequence: 0, amountMinor: 0, currency: null },
  notices: { sequence: 0, mails: {} },
  calls: [],
};

const brokenBy = (facts: OrderFacts): string[] =>
  orderRules.filter((rule) => rule.judge(facts, LATE_AFTER).broken).map(({ id }) => id);

describe('orders on which all books agree', () => {
  it.each(Object.entries({ confirmed, refunded, outOfStock, overtaken, givenUp, underWay, unheard }))(
    'break no rule: %s',
    (_name, facts) => {
      expect(brokenBy(facts)).toEqual([]);
    },
  );
});

const violations: readonly (readonly [rule: string, what: string, facts: OrderFacts])[] = [
  ['settled', 'one that is late', { ...underWay, order: { ...underWay.order!, ageSeconds: 61 } }],
  [
    'settled',
    'one without a view that is late',
    { ...underWay, order: { ...underWay.order!, settled: null, ageSeconds: 61 } },
  ],
  ['versions', 'a version that is missing', { ...confirmed, order: order({ events: 1 }) }],
  ['versions', 'a history without its beginning', { ...confirmed, order: order({ firstVersion: 2 }) }],
  [
    'versions',
    'a snapshot that is missing',
    { ...underWay, order: { ...underWay.order!, version: null, status: null } },
  ],
  ['versions', 'a snapshot that is behind', { ...confirmed, order: order({ version: 1 }) }],
  ['snapshot', 'another ending', { ...confirmed, order: order({ lastType: 'OrderCancelled' }) }],
  ['snapshot', 'another reason', { ...refunded, order: { ...refunded.order, reason: 'timed_out' } }],
  ['snapshot', 'another total', { ...confirmed, order: order({ placedMinor: 501 }) }],
  ['view-heard', 'a view that missed an event', { ...confirmed, order: order({ inventorySeq: 1 }) }],
  ['view-heard', 'a view that heard more than was said', { ...confirmed, order: order({ notificationsSeq: 2 }) }],
  ['view-agrees', 'another status', { ...confirmed, order: order({ viewStatus: 'cancelled' }) }],
  ['view-agrees', 'other stock', { ...confirmed, order: order({ viewStock: 'released' }) }],
  ['view-agrees', 'another payment', { ...outOfStock, order: { ...outOfStock.order!, viewPayment: 'declined' } }],
  ['money-books', 'too little on our books', { ...confirmed, payment: { ...confirmed.payment, amountMinor: 499 } }],
  ['money-books', 'another currency there', { ...confirmed, payment: { ...confirmed.payment, currency: 'USD' } }],
  ['money-provider', 'too much charged', { ...confirmed, charges: { ...confirmed.charges, keptMinor: 501 } }],
  ['money-provider', 'nothing charged', { ...confirmed, charges: { captures: 0, keptMinor: 0, currency: null } }],
  ['money-provider', 'another currency there', { ...confirmed, charges: { ...confirmed.charges, currency: 'USD' } }],
  ['money-provider', 'no refund', { ...refunded, charges: { ...refunded.charges, keptMinor: 500 } }],
  [
    'one-capture',
    'two captures of which one went back',
    { ...confirmed, charges: { ...confirmed.charges, captures: 2 } },
  ],
  ['one-capture', 'two captures of a young one', { ...underWay, charges: { ...underWay.charges!, captures: 2 } }],
  ['mails', 'no mail', { ...confirmed, mailbox: {} }],
  ['mails', 'a mail twice', { ...confirmed, mailbox: { 'order-confirmed': 2 } }],
  ['mails', 'a mail too many', { ...outOfStock, mailbox: { 'order-cancelled': 1, 'payment-refunded': 1 } }],
  ['mails', 'a refund without its mail', { ...refunded, mailbox: { 'order-cancelled': 1 } }],
  ['mails', 'a mail twice for a young one', { ...underWay, mailbox: { 'order-confirmed': 2 } }],
  ['strangers', 'a charge', { ...unheard, charges: { captures: 0, keptMinor: 0, currency: null } }],
  ['strangers', 'stock', { ...unheard, reservation: { status: 'reserved', sequence: 1 } }],
  ['strangers', 'a payment', { ...unheard, payment: { ...unheard.payment!, status: 'voided', sequence: 1 } }],
  ['strangers', 'a mail', { ...unheard, mailbox: { 'order-confirmed': 1 } }],
  ['strangers', 'a notification', { ...unheard, notices: { sequence: 1, mails: {} } }],
  ['strangers', 'a view', { ...unheard, order: order({ events: 0, version: null }) }],
  ['strangers', 'a call', { ...unheard, calls: ['payments'] }],
  ['left-over', 'a call for what is over', { ...confirmed, calls: ['notifications'] }],
];

describe('each rule about orders', () => {
  it.each(violations)('%s alone is broken by %s', (rule, _what, facts) => {
    expect(brokenBy(facts)).toEqual([rule]);
  });

  // What the view says of stock is then wrong as well: that is a rule of its own.
  it.each([
    ['reserved', confirmed],
    ['released', confirmed],
    ['committed', outOfStock],
    ['reserved', outOfStock],
  ])('stock-orders alone is broken by stock that is %s', (status, facts) => {
    const moved = {
      ...facts,
      order: { ...facts.order!, viewStock: status },
      reservation: { ...facts.reservation!, status },
    };
    expect(brokenBy(moved)).toEqual(['stock-orders']);
  });

  it('is covered here', () => {
    const covered = new Set([...violations.map(([rule]) => rule), 'stock-orders']);
    expect(covered).toEqual(new Set(orderRules.map(({ id }) => id)));
  });
});

describe('each rule about products', () => {
  const sound: StockRow = {
    sku: 'tea',
    onHand: 7,
    reserved: 2,
    committed: 3,
    delivered: 10,
    openReservations: 2,
    committedReservations: 3,
  };
  const broken = (changes: Partial<StockRow>) =>
    stockRules.filter((rule) => rule.judge({ ...sound, ...changes }, LATE_AFTER).broken).map(({ id }) => id);

  it('holds where delivered = on hand + committed, and reserved = what orders hold', () => {
    expect(broken({})).toEqual([]);
  });

  it.each<[string, Partial<StockRow>]>([
    ['stock-delivered', { delivered: 11 }],
    ['stock-reserved', { openReservations: 1 }],
    ['stock-reserved', { committedReservations: 4 }],
    ['stock-negative', { onHand: -1, delivered: 2, reserved: -2, openReservations: -2 }],
    ['stock-negative', { reserved: 8, openReservations: 8 }],
  ])('%s alone is broken by %j', (rule, changes) => {
    expect(broken(changes)).toEqual([rule]);
  });
});

describe('each rule about what waits', () => {
  const sound: Waiting = { service: 'orders', unsent: 0, rejected: 0, parkedCount: 0, parked: [], forgotten: 0 };
  const broken = (changes: Partial<Waiting>) =>
    waitingRules.filter((rule) => rule.judge({ ...sound, ...changes }, LATE_AFTER).broken).map(({ id }) => id);

  it('holds where nothing waits, or what is parked is tried again', () => {
    expect(broken({})).toEqual([]);
    expect(broken({ parkedCount: 3 })).toEqual([]);
  });

  it.each<[string, Partial<Waiting>]>([
    ['outboxes', { unsent: 1 }],
    ['outboxes', { rejected: 1 }],
    ['parked', { parkedCount: 1, forgotten: 1 }],
  ])('%s alone is broken by %j', (rule, changes) => {
    expect(broken(changes)).toEqual([rule]);
  });
});

describe('a finding', () => {
  const late = (index: number): OrderFacts => ({
    ...underWay,
    orderId: `order-${index}`,
    order: { ...underWay.order!, ageSeconds: 90 },
  });
  const rule = orderRules.find(({ id }) => id === 'settled')!;

  it('has the figures of both sides', () => {
    const tally = new Tally(rule);
    for (const facts of [confirmed, underWay, late(1)]) tally.add(facts, LATE_AFTER);
    expect(tally.finding()).toEqual({
      id: 'settled',
      rule: 'every order is settled, or younger than its deadline',
      expected: '3 orders',
      found: '1 settled, 1 young ones, 1 late ones',
      count: 1,
      violations: [{ subject: 'order-1', expected: 'settled within 60 s', found: 'placed for 90 s' }],
      problems: ['order-1: placed for 90 s; expected: settled within 60 s'],
    });
  });

  it('names the first violations and counts all', () => {
    const tally = new Tally(rule);
    for (let index = 0; index < MOST_NAMED + 5; index++) tally.add(late(index), LATE_AFTER);
    const { count, violations, problems } = tally.finding();
    expect([count, violations.length, problems.length]).toEqual([MOST_NAMED + 5, MOST_NAMED, MOST_NAMED]);
  });
});
