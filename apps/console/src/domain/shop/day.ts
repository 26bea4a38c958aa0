import { Random } from './random.js';
import { type Line, lineCountAt, type Product, Shop } from './shop.js';

/** An order of the day, ready for `POST /orders`. */
export interface Sale {
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly lines: readonly Line[];
  /** The provider's test token, which decides the outcome of the payment. */
  readonly paymentToken: string;
}

export interface DayOrder {
  /** The share of the day that has passed when it is placed, from 0 up to 1. */
  readonly at: number;
  readonly sale: Sale;
  /** The customer cancels it while it is being charged. */
  readonly isCancelled: boolean;
}

/** A product, and how many units of it are there when the day begins. */
export interface Stocked {
  readonly product: Product;
  readonly units: number;
}

export interface Day {
  /** In the order in which they are placed. */
  readonly orders: readonly DayOrder[];
  /** By SKU: those that the orders name. */
  readonly stock: ReadonlyMap<string, Stocked>;
  /** In more orders than any other. */
  readonly popular: string;
  /** The next one: there is enough of it for the first half of its orders alone. */
  readonly scarce: string;
  /** Index of the order with the most lines. */
  readonly biggest: number;
}

/** As many as the real shop sold on a working day. */
export const ORDERS_A_DAY = 65;
/** Of the real shop; a customer is seldom there twice on one day. */
const CUSTOMERS = 4_338;
const GUESTS = 0.07;
/** Payments that do not go well, once each; all others are captured. The data of the real shop tells nothing of them. */
const TROUBLE: readonly string[] = [
  'tok_declined',
  'tok_declined',
  'tok_insufficient_funds',
  'tok_flaky',
  'tok_timeout',
  'tok_slow',
  'tok_slow',
];
// Of the orders that are charged slowly: there is time to cancel them.
const CANCELLED_TOKEN = 'tok_slow';
const SEED = 2_011;

/**
 * A day of the shop, always the same one.
 * Lines per order follow the distribution of a year at evenly spaced shares, so that a day always has a big order; the times
 * of the orders are independent of each other.
 */
export function planDay(): Day {
  const random = new Random(SEED);
  const shop = new Shop(SEED);
  const times = Array.from({ length: ORDERS_A_DAY }, () => random.next()).sort((a, b) => a - b);
  const counts = random.shuffled(times.map((_, index) => lineCountAt((index + 0.5) / ORDERS_A_DAY)));
  const biggest = counts.indexOf(Math.max(...counts));
  const tokens = tokensFor(random, biggest);
  const orders = counts.map((count, index): DayOrder => {
    const paymentToken = tokens[index]!;
    const sale = { ...customerOf(random), currency: 'GBP', lines: shop.sale(count), paymentToken };
    return { at: times[index]!, sale, isCancelled: paymentToken === CANCELLED_TOKEN };
  });
  const [popular, scarce] = byPopularity(orders);
  return { orders, stock: stockFor(orders, shop.products, scarce), popular, scarce, biggest };
}

function tokensFor(random: Random, biggest: number): string[] {
  const tokens = Array<string>(ORDERS_A_DAY).fill('tok_visa');
  // The biggest order goes well, whatever else does not.
  const others = random.shuffled([...tokens.keys()].filter((index) => index !== biggest));
  for (const [place, token] of TROUBLE.entries()) tokens[others[place]!] = token;
  return tokens;
}

function customerOf(random: Random): Pick<Sale, 'customerId' | 'email'> {
  const customerId = random.next() < GUESTS ? 'guest' : `customer-${12_346 + random.between(0, CUSTOMERS - 1)}`;
  return { customerId, email: `${customerId}@example.com` };
}

const skusOf = ({ sale }: DayOrder): Set<string> => new Set(sale.lines.map(({ sku }) => sku));

/** SKUs, those in the most orders first. */
function byPopularity(orders: readonly DayOrder[]): [string, string] {
  const counts = new Map<string, number>();
  for (const sku of orders.flatMap((order) => [...skusOf(order)])) counts.set(sku, (counts.get(sku) ?? 0) + 1);
  const [first, second] = [...counts].sort(([, one], [, other]) => other - one).map(([sku]) => sku);
  return [first!, second!];
}

function stockFor(orders: readonly DayOrder[], products: readonly Product[], scarce: string): Day['stock'] {
  const unitsOf = new Map<string, number>();
  const servedOfScarce = Math.ceil(orders.filter((order) => skusOf(order).has(scarce)).length / 2);
  let askedForScarce = 0;
  for (const order of orders) {
    if (skusOf(order).has(scarce)) askedForScarce += 1;
    for (const { sku, quantity } of order.sale.lines) {
      const isServed = sku !== scarce || askedForScarce <= servedOfScarce;
      unitsOf.set(sku, (unitsOf.get(sku) ?? 0) + (isServed ? quantity : 0));
    }
  }
  return new Map(
    products.flatMap((product) => {
      const units = unitsOf.get(product.sku);
      return units === undefined ? [] : [[product.sku, { product, units }] as const];
    }),
  );
}
