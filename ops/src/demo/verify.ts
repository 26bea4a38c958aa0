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
export function faultsOf({ scenario: { lines, expected }, order, before, after, charges, mails }: Evidence): string[] {
  const captured = charges.filter((charge) => charge.status === 'captured');
  const kept = captured.reduce((sum, charge) => sum + charge.amountMinor - charge.refundedMinor, 0);
  const wanted: readonly (readonly [what: string, found: unknown, ...expected: unknown[]])[] = [
    ['status', order.status, expected.status],
    ['reason', order.cancelReason, expected.reason],
    ['stock', order.stock, expected.stock],
    ['payment', order.payment, ...expected.payment],
    ...lines.map(({ sku, quantity }, index) => {
      const sold = before[index]!.available - after[index]!.available;
      return [`units sold of ${sku}:`, sold, expected.status === 'confirmed' ? quantity : 0] as const;
    }),
    ['number of captured charges:', captured.length, 0, 1],
    ['amount kept by the provider:', kept, order.status === 'confirmed' ? order.totalMinor : 0],
    [
      'mails',
      mails.toSorted().join(', ') || 'none',
      [`order-${order.status}`, ...(order.payment === 'refunded' ? ['payment-refunded'] : [])].join(', '),
    ],
  ];
  return wanted
    .filter(([, found, ...allowed]) => !allowed.includes(found))
    .map(([what, found, ...allowed]) => `${what} ${String(found)}, not ${allowed.join(' or ')}`);
}
