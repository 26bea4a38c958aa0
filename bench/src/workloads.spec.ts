import { expect, it } from '@jest/globals';
import { Shop } from '@orderflow/console/shop';
import { growingMarketOf, marketOf } from './workloads.ts';

const ORDERS = 100;
const { workloads, products } = marketOf(new Shop(1), 30);
const ordersOf = workloads.map(({ next }) => Array.from({ length: ORDERS }, next));

it('the first kind of orders has one line, the second as many as the orders of a shop', () => {
  const [one, real] = ordersOf.map((orders) => orders.map(({ lines }) => lines.length));
  expect(new Set(one)).toEqual(new Set([1]));
  expect(Math.max(...real!)).toBeGreaterThan(20);
});

it('every ordered product is put on sale, and no other', () => {
  const ordered = new Set(ordersOf.flat(2).flatMap(({ lines }) => lines.map(({ sku }) => sku)));
  expect(new Set(products.map(({ sku }) => sku))).toEqual(ordered);
});

it('one order in twenty is declined', () => {
  for (const orders of ordersOf)
    expect(orders.filter(({ paymentToken }) => paymentToken === 'tok_declined')).toHaveLength(ORDERS / 20);
});

it('the kinds that grow have the lines and the SKUs of their names', () => {
  const kinds = growingMarketOf(new Shop(1)).workloads;
  expect(kinds.map(({ lines }) => lines)).toEqual([1, 10, 100, 1_000, 1, 1]);
  const skusOf = kinds.slice(-2).map(({ next }) => {
    const orders = Array.from({ length: 1_000 }, next);
    return new Set(orders.flatMap(({ lines }) => lines.map(({ sku }) => sku))).size;
  });
  expect(skusOf).toEqual([1, 1_000]);
});
