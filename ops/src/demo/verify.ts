import type { Charge, Order, Product } from '@orderflow/client';
import type { Scenario } from './scenarios.ts';

/** One order of the demo once it is settled, and its traces elsewhere. */
export interface Evidence {
  scenario: Scenario;
  order: Order;
  /** Stock of the order's lines, in their order, before it was placed and now. */
  before: readonly Product[];
  after: readonly Product[];
  /** The provider's ledger. */
  charges: readonly Charge[];
  /** Templates of the mails that arrived. */
  mails: readonly string[];
}

/** Differences from the expected outcome, each in a few words. */
export const faultsOf = (evidence: Evidence): string[] =>
  [viewFaults, stockFaults, moneyFaults, mailFaults].flatMap((check) => check(evidence));

function viewFaults({ scenario: { expected }, order: { status, cancelReason, stock, payment } }: Evidence): string[] {
  const { status: wantedStatus, reason, stock: wantedStock, payment: wantedPayment } = expected;
  return [
    ...(status === wantedStatus ? [] : [`status ${status}, not ${wantedStatus}`]),
    ...(cancelReason === reason ? [] : [`reason ${cancelReason}, not ${reason}`]),
    ...(stock === wantedStock ? [] : [`stock ${stock}, not ${wantedStock}`]),
    ...(wantedPayment.includes(payment) ? [] : [`payment ${payment}, not ${wantedPayment.join(' or ')}`]),
  ];
}

function stockFaults({ scenario: { lines, expected }, before, after }: Evidence): string[] {
  return lines.flatMap(({ sku, quantity }, index) => {
    const sold = expected.status === 'confirmed' ? quantity : 0;
    const gone = (before[index]?.available ?? NaN) - (after[index]?.available ?? NaN);
    return gone === sold ? [] : [`${gone} × ${sku} less than before, not ${sold}`];
  });
}

function moneyFaults({ order: { status, totalMinor }, charges }: Evidence): string[] {
  const captured = charges.filter((charge) => charge.status === 'captured');
  const kept = captured.reduce((sum, charge) => sum + charge.amountMinor - charge.refundedMinor, 0);
  const due = status === 'confirmed' ? totalMinor : 0;
  return [
    ...(captured.length <= 1 ? [] : [`charged ${captured.length} times`]),
    ...(kept === due ? [] : [`the provider kept ${kept}, not ${due}`]),
  ];
}

function mailFaults({ order: { status, payment }, mails }: Evidence): string[] {
  const due = [`order-${status}`, ...(payment === 'refunded' ? ['payment-refunded'] : [])];
  const same = mails.toSorted().join(', ') === due.join(', ');
  return same ? [] : [`mails ${mails.join(', ') || 'none'}, not ${due.join(', ')}`];
}
