/** Orders that show what the saga does, one of each outcome: the buttons of the first page. */

export interface ExampleProduct {
  readonly sku: string;
  readonly name: string;
  readonly priceMinor: number;
}

export interface Example {
  readonly product: ExampleProduct;
  readonly quantity: number;
  /** Nothing of it is ever delivered. */
  readonly isSoldOut?: true;
  /** The provider's test token, which decides the outcome of the payment. */
  readonly paymentToken: string;
  /** It is cancelled as soon as its stock is reserved. */
  readonly isCancelled?: true;
}

export const CURRENCY = 'EUR';
const tea = { sku: 'example-tea', name: 'Tea, 100 g', priceMinor: 450 };
const grinder = { sku: 'example-grinder', name: 'Coffee grinder', priceMinor: 8900 };
const goldFilter = { sku: 'example-gold-filter', name: 'Gold filter, limited edition', priceMinor: 4500 };

export const examples = {
  confirmed: { product: tea, quantity: 2, paymentToken: 'tok_visa' },
  'out-of-stock': { product: goldFilter, quantity: 1, isSoldOut: true, paymentToken: 'tok_visa' },
  declined: { product: grinder, quantity: 1, paymentToken: 'tok_declined' },
  late: { product: tea, quantity: 3, paymentToken: 'tok_timeout' },
  cancelled: { product: grinder, quantity: 1, paymentToken: 'tok_slow', isCancelled: true },
} as const satisfies Record<string, Example>;

export type ExampleName = keyof typeof examples;
export const exampleNames = Object.keys(examples) as [ExampleName, ...ExampleName[]];
