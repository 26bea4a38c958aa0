import type { Line, NewOrder, NewProduct } from '@orderflow/client';
import type { Shop } from '@orderflow/console/shop';

/** One order in so many is declined by the payment provider, so that compensation is a part of what is measured. */
const DECLINED_EVERY = 20;

/** A kind of orders. */
export interface Workload {
  readonly name: string;
  /** Of an order, on average. */
  readonly lines: number;
  /** The next order. */
  readonly next: () => NewOrder;
}

/** Kinds of orders, and the products in them. */
export interface Market {
  readonly workloads: readonly Workload[];
  readonly products: readonly NewProduct[];
}

function workload(name: string, sales: readonly (readonly Line[])[]): Workload {
  let made = 0;
  return {
    name,
    lines: sales.reduce((sum, lines) => sum + lines.length, 0) / sales.length,
    next: () => {
      made++;
      return {
        customerId: 'bench',
        email: 'shop@example.com',
        currency: 'GBP',
        lines: sales[made % sales.length]!,
        paymentToken: made % DECLINED_EVERY === 0 ? 'tok_declined' : 'tok_visa',
      };
    },
  };
}

/** Different ones, each with so many lines; by default as many as sales have. */
const salesOf = (shop: Shop, sales: number, lines?: number): Line[][] =>
  Array.from({ length: sales }, () => shop.sale(lines));

/**
 * @param kinds the lines of each order, by the name of the kind; after the last the first comes again. Only their products
 * have to be put on sale
 */
function marketFrom(shop: Shop, kinds: Readonly<Record<string, readonly (readonly Line[])[]>>): Market {
  const skus = new Set(
    Object.values(kinds)
      .flat(2)
      .map(({ sku }) => sku),
  );
  return {
    workloads: Object.entries(kinds).map(([name, sales]) => workload(name, sales)),
    products: shop.products.filter(({ sku }) => skus.has(sku)),
  };
}

/**
 * Orders of one line, and orders as a real shop has them.
 * @param sales different ones of each kind
 */
export const marketOf = (shop: Shop, sales: number): Market =>
  marketFrom(shop, {
    'one line': salesOf(shop, sales, 1),
    'of a real shop': salesOf(shop, sales),
  });

const MANY_SKUS = 1_000;

/** Orders of more and more lines, and orders of one line that share one SKU or many. */
export function growingMarketOf(shop: Shop): Market {
  const units = shop.products.slice(0, MANY_SKUS).map(({ sku }) => [{ sku, quantity: 1 }]);
  return marketFrom(shop, {
    '1 line': salesOf(shop, 400, 1),
    '10 lines': salesOf(shop, 400, 10),
    '100 lines': salesOf(shop, 100, 100),
    '1,000 lines': salesOf(shop, 20, 1_000),
    '1 line, all of one SKU': units.slice(0, 1),
    '1 line, of 1,000 SKUs in turn': units,
  });
}
