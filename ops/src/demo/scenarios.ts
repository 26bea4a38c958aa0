import type { Line, NewProduct, Order } from '@orderflow/client';

/** The products of the demo, and how many of each are available when it begins. */
export const catalogue: readonly (NewProduct & { wanted: number })[] = [
  { sku: 'espresso-beans', name: 'Espresso beans, 1 kg', priceMinor: 1890, currency: 'EUR', wanted: 20 },
  { sku: 'grinder', name: 'Coffee grinder', priceMinor: 8900, currency: 'EUR', wanted: 10 },
  { sku: 'gold-filter', name: 'Gold filter, limited edition', priceMinor: 4500, currency: 'EUR', wanted: 3 },
];

export interface Scenario {
  title: string;
  lines: Line[];
  /** The provider's test token, which decides the outcome of the payment. */
  paymentToken: string;
  /** The customer cancels as soon as the stock is reserved. */
  cancels?: true;
  expected: {
    status: Order['status'];
    reason?: string;
    stock: string;
    /** Any of these: cancellation and charge race each other. */
    payment: readonly string[];
  };
}

const lines = (...ordered: readonly (readonly [quantity: number, sku: string])[]): Line[] =>
  ordered.map(([quantity, sku]) => ({ sku, quantity }));

/** One order of each outcome. */
export const scenariosFor = (orderDeadlineSeconds: number | undefined): readonly Scenario[] => [
  {
    title: 'Two products, in stock and paid for',
    lines: lines([2, 'espresso-beans'], [1, 'grinder']),
    paymentToken: 'tok_visa',
    expected: { status: 'confirmed', stock: 'committed', payment: ['captured'] },
  },
  {
    title: 'More than there is in stock',
    lines: lines([1, 'espresso-beans'], [4, 'gold-filter']),
    paymentToken: 'tok_visa',
    expected: { status: 'cancelled', reason: 'out_of_stock', stock: 'rejected', payment: ['voided'] },
  },
  {
    title: 'The payment is declined, so the stock comes back',
    lines: lines([1, 'grinder']),
    paymentToken: 'tok_declined',
    expected: { status: 'cancelled', reason: 'payment_declined', stock: 'released', payment: ['declined'] },
  },
  {
    title: `The provider charges but answers only after the deadline${orderDeadlineSeconds === undefined ? '' : ` (${orderDeadlineSeconds} s)`}, so the money goes back`,
    lines: lines([3, 'espresso-beans']),
    paymentToken: 'tok_timeout',
    expected: { status: 'cancelled', reason: 'timed_out', stock: 'released', payment: ['refunded'] },
  },
  {
    title: 'The customer cancels while the payment is under way',
    lines: lines([1, 'espresso-beans'], [2, 'grinder']),
    paymentToken: 'tok_slow',
    cancels: true,
    expected: { status: 'cancelled', reason: 'customer_request', stock: 'released', payment: ['refunded', 'voided'] },
  },
];
