import { describe, expect, it } from '@jest/globals';
import { type HistoryFacts, type OrderFacts, orderRules, type SnapshotFacts, type ViewFacts } from './index.ts';
import { violationsOf } from './rule.ts';

const versions = { events: 2, firstVersion: 1, lastVersion: 2 };
const history: HistoryFacts = {
  ...versions,
  lastType: 'OrderConfirmed',
  reason: null,
  placedMinor: 500,
  ageSeconds: 3_600,
};
const snapshot: SnapshotFacts = {
  status: 'confirmed',
  version: 2,
  cancelReason: null,
  totalMinor: 500,
  currency: 'EUR',
};
const sequences = { orders: 2, inventory: 2, payments: 1, notifications: 1 };
const outcome = { status: 'confirmed', cancelReason: null, stock: 'committed', payment: 'captured' };
const view: ViewFacts = { settled: true, ...outcome, sequences };

const confirmed: Required<OrderFacts> = {
  orderId: 'confirmed',
  lateAfterSeconds: 60,
  history,
  snapshot,
  view,
  reservation: { status: 'committed', sequence: 2 },
  payment: { status: 'captured', sequence: 1, amountMinor: 500, currency: 'EUR' },
  notices: { sequence: 1, mails: { 'order-confirmed': { status: 'sent' } } },
  charges: { captures: 1, keptMinor: 500, currency: 'EUR' },
  mailbox: { 'order-confirmed': 1 },
  mailCopies: 0,
  calls: [],
  deferredMails: 0,
};

function viewWith(changed: Partial<typeof sequences>): ViewFacts {
  return { ...view, sequences: { ...sequences, ...changed } };
}

const cancelled = (reason: string, stock: string, payment: string, changed: Partial<typeof sequences>) => ({
  lateAfterSeconds: 60,
  history: { ...history, lastType: 'OrderCancelled', reason },
  snapshot: { ...snapshot, status: 'cancelled' as const, cancelReason: reason },
  view: { ...viewWith(changed), status: 'cancelled', cancelReason: reason, stock, payment },
  calls: [],
});

const refunded: Required<OrderFacts> = {
  ...cancelled('customer_request', 'released', 'refunded', { payments: 2, notifications: 2 }),
  orderId: 'refunded',
  reservation: { status: 'released', sequence: 2 },
  payment: { status: 'refunded', sequence: 2, amountMinor: 500, currency: 'EUR' },
  notices: { sequence: 2, mails: { 'order-cancelled': { status: 'sent' }, 'payment-refunded': { status: 'sent' } } },
  charges: { captures: 1, keptMinor: 0, currency: 'EUR' },
  mailbox: { 'order-cancelled': 1, 'payment-refunded': 1 },
  mailCopies: 0,
  deferredMails: 0,
};

const outOfStock = {
  ...cancelled('out_of_stock', 'rejected', 'voided', { inventory: 1 }),
  orderId: 'out-of-stock',
  reservation: { status: 'rejected', sequence: 1 },
  payment: { status: 'voided', sequence: 1, amountMinor: 0, currency: null },
  notices: { sequence: 1, mails: { 'order-cancelled': { status: 'sent' } } },
  mailbox: { 'order-cancelled': 1 },
} satisfies OrderFacts;

/** It costs nothing: the provider has never heard of it. */
const { charges: _none, ...withoutCharge } = confirmed;
const free: OrderFacts = {
  ...withoutCharge,
  orderId: 'free',
  history: { ...history, placedMinor: 0 },
  snapshot: { ...snapshot, totalMinor: 0 },
  payment: { ...confirmed.payment, amountMinor: 0 },
};

/** The same, cancelled after it counted as captured: nothing is refunded, and no mail says so. */
const freeCancelled: OrderFacts = {
  ...cancelled('customer_request', 'released', 'voided', { payments: 2 }),
  orderId: 'free-cancelled',
  reservation: { status: 'released', sequence: 2 },
  payment: { status: 'voided', sequence: 2, amountMinor: 0, currency: 'EUR' },
  notices: { sequence: 1, mails: { 'order-cancelled': { status: 'sent' } } },
  mailbox: { 'order-cancelled': 1 },
};

/** Inventory consumed the cancellation first. */
const overtaken: OrderFacts = { ...outOfStock, view: { ...outOfStock.view, stock: 'none' } };

const mailFailed: OrderFacts = {
  ...confirmed,
  notices: { sequence: 1, mails: { 'order-confirmed': { status: 'failed' } } },
  mailbox: {},
};

/** Of hours ago; the server of the recipient puts its mail off. */
const mailDeferred = {
  ...confirmed,
  view: { ...viewWith({ notifications: 0 }), settled: false },
  notices: { sequence: 0, mails: { 'order-confirmed': { status: 'requested' } } },
  mailbox: {},
  calls: ['notifications'],
  deferredMails: 1,
} satisfies OrderFacts;

const refundMailDeferred: OrderFacts = {
  ...refunded,
  view: { ...refunded.view, settled: false, sequences: { ...refunded.view.sequences, notifications: 1 } },
  mailbox: { 'order-cancelled': 1 },
  calls: ['notifications'],
  deferredMails: 1,
};

const underWay = {
  orderId: 'under-way',
  lateAfterSeconds: 60,
  history: { ...history, events: 1, lastVersion: 1, lastType: 'OrderPlaced', ageSeconds: 5, token: 'encrypted' },
  snapshot: { ...snapshot, status: 'placed', version: 1 },
  view: { ...viewWith({ orders: 0 }), settled: false, status: null },
  reservation: { status: 'reserved', sequence: 1 },
  payment: { status: 'charging', sequence: 0, amountMinor: 500, currency: 'EUR', token: 'encrypted' },
  charges: { captures: 1, keptMinor: 500, currency: 'EUR' },
  calls: ['payments'],
} satisfies OrderFacts;

const { snapshot: _snapshot, ...withoutSnapshot } = underWay;
const late = { ...underWay, history: { ...underWay.history, ageSeconds: 61 } };
const { view: _view, ...lateWithoutView } = late;

/** Rows that were made only to be locked, for an order of which no event was consumed. */
const unknown = {
  orderId: 'unknown',
  lateAfterSeconds: 60,
  reservation: { status: 'none', sequence: 0 },
  payment: { status: 'awaiting', sequence: 0, amountMinor: 0, currency: null },
  notices: { sequence: 0, mails: {} },
  calls: [],
} satisfies OrderFacts;

const brokenBy = (facts: OrderFacts): string[] => violationsOf(orderRules, [facts]).map(({ id }) => id);

describe('an order on which all witnesses agree', () => {
  it.each(
    Object.entries({
      confirmed,
      free,
      freeCancelled,
      refunded,
      outOfStock,
      overtaken,
      mailFailed,
      mailDeferred,
      refundMailDeferred,
      underWay,
      unknown,
    }),
  )('breaks no rule: %s', (_name, facts) => {
    expect(brokenBy(facts)).toEqual([]);
  });
});

const violations: readonly (readonly [rule: string, title: string, facts: OrderFacts])[] = [
  ['settled', 'a late order', late],
  ['settled', 'a late order without a view', lateWithoutView],
  [
    'settled',
    'a late order with a deferred mail that waits for its stock too',
    { ...mailDeferred, view: { ...mailDeferred.view, stock: 'reserved' } },
  ],
  ['settled', 'a late order with a mail that waits for an operator', { ...mailDeferred, deferredMails: 0 }],
  [
    'settled',
    'a late order with one deferred mail of two that are missing',
    { ...refundMailDeferred, view: { ...refundMailDeferred.view!, sequences: { ...sequences, notifications: 0 } } },
  ],
  ['versions', 'a missing version', { ...confirmed, history: { ...history, events: 1 } }],
  ['versions', 'a history without its beginning', { ...confirmed, history: { ...history, firstVersion: 2 } }],
  ['versions', 'a missing snapshot', withoutSnapshot],
  ['versions', 'a snapshot that is behind', { ...confirmed, snapshot: { ...snapshot, version: 1 } }],
  ['snapshot', 'another outcome', { ...confirmed, history: { ...history, lastType: 'OrderCancelled' } }],
  ['snapshot', 'another reason', { ...refunded, history: { ...refunded.history, reason: 'timed_out' } }],
  ['snapshot', 'another total', { ...confirmed, history: { ...history, placedMinor: 501 } }],
  ['view-consumed', 'a view that missed an event', { ...confirmed, view: viewWith({ inventory: 1 }) }],
  ['view-consumed', 'a view that is ahead', { ...confirmed, view: viewWith({ notifications: 2 }) }],
  ['view-agrees', 'a view with another status', { ...confirmed, view: { ...view, status: 'cancelled' } }],
  ['view-agrees', 'a view with other stock', { ...confirmed, view: { ...view, stock: 'released' } }],
  ['view-agrees', 'a view with another payment', { ...outOfStock, view: { ...outOfStock.view, payment: 'declined' } }],
  ['money-books', 'too little in our books', { ...confirmed, payment: { ...confirmed.payment, amountMinor: 499 } }],
  [
    'money-books',
    'another currency in our books',
    { ...confirmed, payment: { ...confirmed.payment, currency: 'USD' } },
  ],
  ['money-provider', 'too much charged', { ...confirmed, charges: { ...confirmed.charges, keptMinor: 501 } }],
  ['money-provider', 'no charge', { ...confirmed, charges: { captures: 0, keptMinor: 0, currency: null } }],
  ['money-provider', 'another currency charged', { ...confirmed, charges: { ...confirmed.charges, currency: 'USD' } }],
  ['money-provider', 'no refund', { ...refunded, charges: { ...refunded.charges, keptMinor: 500 } }],
  ['one-capture', 'two captures, one refunded', { ...confirmed, charges: { ...confirmed.charges, captures: 2 } }],
  ['one-capture', 'two captures of a young order', { ...underWay, charges: { ...underWay.charges, captures: 2 } }],
  ['mails', 'no mail', { ...confirmed, mailbox: {} }],
  ['mails', 'a mail twice', { ...confirmed, mailbox: { 'order-confirmed': 2 } }],
  ['mails', 'a mail too many', { ...outOfStock, mailbox: { 'order-cancelled': 1, 'payment-refunded': 1 } }],
  ['mails', 'a refund without its mail', { ...refunded, mailbox: { 'order-cancelled': 1 } }],
  ['mail-copies', 'a mail that arrived again', { ...confirmed, mailCopies: 1 }],
  ['mails', 'a mail twice for a young order', { ...underWay, mailbox: { 'order-confirmed': 2 } }],
  ['strangers', 'a charge', { ...unknown, charges: { captures: 0, keptMinor: 0, currency: null } }],
  ['strangers', 'stock', { ...unknown, reservation: { status: 'reserved', sequence: 1 } }],
  ['strangers', 'a payment', { ...unknown, payment: { ...unknown.payment, status: 'voided', sequence: 1 } }],
  ['strangers', 'a mail', { ...unknown, mailbox: { 'order-confirmed': 1 } }],
  ['strangers', 'a notification', { ...unknown, notices: { sequence: 1, mails: {} } }],
  ['strangers', 'a view', { ...unknown, view }],
  ['strangers', 'a snapshot', { ...unknown, snapshot }],
  ['strangers', 'an external call', { ...unknown, calls: ['payments'] }],
  ['left-over', 'an external call for a settled order', { ...confirmed, calls: ['notifications'] }],
  ['tokens', 'a token in clear at orders', { ...underWay, history: { ...underWay.history, token: 'clear' } }],
  ['tokens', 'a token in clear at payments', { ...underWay, payment: { ...underWay.payment, token: 'clear' } }],
  ['tokens', 'a token that payments keeps', { ...confirmed, payment: { ...confirmed.payment, token: 'encrypted' } }],
];

describe('each rule about orders', () => {
  it.each(violations)('%s alone is broken by %s', (rule, _title, facts) => {
    expect(brokenBy(facts)).toEqual([rule]);
  });

  // The view shows the same stock, or a rule of its own would be broken too.
  it.each([
    ['reserved', confirmed],
    ['released', confirmed],
    ['committed', outOfStock],
    ['reserved', outOfStock],
  ])('stock-orders alone is broken by stock that is %s', (status, facts) => {
    const moved = { ...facts, view: { ...facts.view, stock: status }, reservation: { ...facts.reservation, status } };
    expect(brokenBy(moved)).toEqual(['stock-orders']);
  });

  it('names amounts in major units', () => {
    const { broken } = orderRules
      .find(({ id }) => id === 'money-provider')!
      .judge({ ...refunded, charges: { ...refunded.charges, keptMinor: 500 } });
    expect(broken).toEqual({ expected: '0.00 EUR of an order that is cancelled', found: '5.00 EUR kept' });
  });

  it('is covered here', () => {
    const covered = new Set([...violations.map(([rule]) => rule), 'stock-orders']);
    expect(covered).toEqual(new Set(orderRules.map(({ id }) => id)));
  });
});
