import { describe, expect, it } from '@jest/globals';
import { audit } from './audit.js';
import type { Plan } from './plan.js';
import { RareCounts } from './rare.js';
import { run } from './run.js';
import type { Shop } from './shop.js';

const ORDER = '00000000-0000-4000-8000-000000000001';
const order = { quantity: 1, isDeclined: false, cancelledAfter: undefined };
const plan: Plan = { orders: [order], interleaving: 0, members: 1, hasViews: true, faults: [] };

/** Changes one row, which must exist. */
function change<Row>(rows: Map<string, Row>, key: string, changes: Partial<Row>): void {
  rows.set(key, { ...rows.get(key)!, ...changes });
}

const violations: readonly (readonly [rule: string, title: string, violate: (shop: Shop) => void])[] = [
  [
    'never two captures for one order',
    'a second capture',
    ({ provider: { charges } }) => charges.set('again', { ...[...charges.values()][0]!, refundedMinor: 450 }),
  ],
  [
    "money in the provider's books",
    'a refund of a confirmed order',
    ({ provider: { charges } }) => ([...charges.values()][0]!.refundedMinor = 1),
  ],
  [
    'money in our books',
    'a voided payment',
    ({ payments: { payments } }) => change(payments.rows, ORDER, { status: 'voided' }),
  ],
  [
    'stock is committed for confirmed orders',
    'stock that was released',
    ({ stock: { reservations } }) => change(reservations.rows, ORDER, { status: 'released', lines: [] }),
  ],
  ['one mail per order and template', 'a missing mail', ({ mailbox }) => mailbox.letters.clear()],
  ['every order is settled', 'a missing view', ({ views: { views } }) => views.rows.clear()],
  [
    'the view of a settled order',
    'another view',
    ({ views: { views } }) => change(views.rows, ORDER, { cancelReason: 'timed_out' }),
  ],
  ['versions have no gap', 'an old snapshot', ({ orders }) => change(orders.orders.rows, ORDER, { version: 1 })],
  [
    'an order has the total that its customer was promised',
    'another total',
    ({ orders }) => change(orders.orders.rows, ORDER, { totalMinor: 1 }),
  ],
  ['an accepted cancellation', 'an ignored cancellation', ({ customers }) => (customers[0]!.isCancelled = true)],
  [
    'every request is answered',
    'a request without an answer',
    ({ customers }) => (customers[0]!.placed = 'to be asked'),
  ],
  [
    'the log has as many events as the source published',
    'an event that was not published',
    ({ notices: { notices } }) => change(notices.rows, ORDER, { sequence: 2 }),
  ],
];

describe('the audit of a simulated run', () => {
  it.each([true, false])('passes without faults, with the read model: %s', async (hasViews) => {
    await expect(run({ ...plan, hasViews }, 'liveness', new RareCounts())).resolves.toBeDefined();
  });

  it.each(violations)('finds that "%s" is broken by %s', async (rule, _title, violate) => {
    const shop = await run(plan, 'liveness', new RareCounts());
    violate(shop);
    expect(() => audit(shop, shop.rules, true)).toThrow(rule);
  });
});
