import { describe, expect, it } from '@jest/globals';
import { audit } from './audit.js';
import type { Plan } from './plan.js';
import { RareCounts } from './rare-paths.js';
import { run } from './run.js';
import type { SimulatedSystem } from './simulated-system.js';

const ORDER = '00000000-0000-4000-8000-000000000001';
const order = { quantities: [1], isFree: false, isDeclined: false, cancelledAfter: undefined };
const plan: Plan = { orders: [order], interleaving: 0, instances: 1, hasViews: true, skewMs: 0, faults: [] };

/** Changes one row, which must exist. */
function change<Row>(rows: Map<string, Row>, key: string, changes: Partial<Row>): void {
  rows.set(key, { ...rows.get(key)!, ...changes });
}

type Violate = (system: SimulatedSystem) => unknown;
const firstCharge = ({ provider }: SimulatedSystem) => [...provider.charges.values()][0]!;

const violations: readonly (readonly [rule: string, violate: Violate])[] = [
  ['never two captures', (system) => system.provider.charges.set('again', firstCharge(system))],
  ["money in the provider's books", (system) => (firstCharge(system).refundedMinor = 1)],
  ['money in our books', ({ payments }) => change(payments.payments, ORDER, { status: 'voided' })],
  ['stock is committed', ({ stock }) => change(stock.reservations, ORDER, { status: 'released', lines: [] })],
  ['one mail per order', ({ mailbox }) => mailbox.mails.clear()],
  ['every order is settled', ({ views }) => views.views.clear()],
  ['the view of a settled order agrees', ({ views }) => change(views.views, ORDER, { cancelReason: 'timed_out' })],
  ['the view of a settled order has consumed', ({ notices }) => change(notices.notices, ORDER, { sequence: 2 })],
  ['versions have no gap', ({ orders }) => change(orders.orders, ORDER, { version: 1 })],
  ['the total that its customer', ({ orders }) => change(orders.orders, ORDER, { totalMinor: 1 })],
  ['an accepted cancellation', ({ customers }) => (customers[0]!.isCancelled = true)],
  ['every request is answered', ({ customers }) => (customers[0]!.placed = 'unsent')],
];

describe('the audit of a simulated run', () => {
  it.each([true, false])('passes without faults, with the read model: %s', async (hasViews) => {
    await expect(run({ ...plan, hasViews }, 'liveness', new RareCounts())).resolves.toBeDefined();
  });

  it.each(violations)('fails when memory is changed so that this rule is broken: %s', async (rule, violate) => {
    const system = await run(plan, 'liveness', new RareCounts());
    violate(system);
    expect(() => audit(system, true)).toThrow(rule);
  });
});
