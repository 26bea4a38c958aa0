import type { Line, NewOrder, NewProduct } from '@orderflow/client';
import type { Shop } from '@orderflow/console/shop';

/** One order in so many is declined by the payment provider, so that compensation is a part of what is measured. */
const DECLINED_EVERY = 20;

/** A kind of orders. */
export interface Workload {
  readonly name: string;
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

/**
 * Orders of one line, and orders as a real shop has them.
 * @param sales different ones of each kind; after the last the first comes again. Only their products have to be put on sale
 */
export function marketOf(shop: Shop, sales: number): Market {
  const one = Array.from({ length: sales }, () => shop.sale(1));
  const real = Array.from({ length: sales }, () => shop.sale());
  const skus = new Set([...one, ...real].flat().map(({ sku }) => sku));
  return {
    workloads: [workload('one line', one), workload('of a real shop', real)],
    products: shop.products.filter(({ sku }) => skus.has(sku)),
  };
}
