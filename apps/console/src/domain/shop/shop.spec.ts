import { describe, expect, it } from '@jest/globals';
import { Shop } from './shop.js';

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;

const SALES = 20_000;
const shop = new Shop(1);
const sales = Array.from({ length: SALES }, () => shop.sale());
const lines = sales.flat();

/** Within a tenth of what the real shop had. */
const about = (value: number, real: number) => expect(Math.abs(value / real - 1)).toBeLessThan(0.1);

describe('the sales of the generator', () => {
  it('have as many lines as those of the real shop', () => {
    const counts = sales.map((sale) => sale.length);
    about(lines.length / SALES, 26.6);
    for (const [share, real] of [
      [0.25, 6],
      [0.5, 15],
      [0.75, 29],
      [0.9, 54],
      [0.99, 220],
    ] as const)
      about(quantile(counts, share), real);
    expect(Math.max(...counts)).toBeGreaterThan(593);
  });

  it('repeat a SKU as often', () => {
    const repeated = sales.filter((sale) => new Set(sale.map(({ sku }) => sku)).size < sale.length);
    about(repeated.length / SALES, 0.125);
  });

  it('have the same quantities', () => {
    const quantities = lines.map(({ quantity }) => quantity);
    for (const [share, real] of [
      [0.5, 3],
      [0.9, 24],
      [0.99, 100],
    ] as const)
      about(quantile(quantities, share), real);
  });

  it('have the same prices, and free lines', () => {
    const prices = shop.products.map(({ priceMinor }) => priceMinor);
    about(quantile(prices, 0.5), 208);
    about(quantile(prices, 0.9), 795);
    const free = new Set(shop.products.filter(({ priceMinor }) => priceMinor === 0).map(({ sku }) => sku));
    const share = lines.filter(({ sku }) => free.has(sku)).length / lines.length;
    expect(share).toBeGreaterThan(0.000_5);
    expect(share).toBeLessThan(0.001);
  });

  it('have the same popular products', () => {
    const salesWith = (sku: string) => sales.filter((sale) => sale.some((line) => line.sku === sku)).length / SALES;
    about(salesWith(shop.products[0]!.sku), 0.11);
    const top = new Set(shop.products.slice(0, 392).map(({ sku }) => sku));
    about(lines.filter(({ sku }) => top.has(sku)).length / lines.length, 0.45);
  });

  it('are the same for the same seed', () => {
    expect([new Shop(7).sale(), new Shop(7).products]).toEqual([new Shop(7).sale(), new Shop(7).products]);
    expect(new Set(shop.products.map(({ sku }) => sku)).size).toBe(shop.products.length);
  });
});
