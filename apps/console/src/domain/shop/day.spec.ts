import { describe, expect, it } from '@jest/globals';
import { ORDERS_A_DAY, planDay } from './day.js';

const day = planDay();
const naming = (sku: string) => day.orders.filter(({ sale }) => sale.lines.some((line) => line.sku === sku));
const unitsIn = (orders: typeof day.orders, sku: string): number =>
  orders.reduce(
    (sum, { sale }) => sum + sale.lines.reduce((units, line) => units + (line.sku === sku ? line.quantity : 0), 0),
    0,
  );

describe('a day at the shop', () => {
  it('has as many orders and lines as a working day of the real one, and a big order', () => {
    expect(day.orders).toHaveLength(ORDERS_A_DAY);
    const counts = day.orders.map(({ sale }) => sale.lines.length);
    const mean = counts.reduce((sum, count) => sum + count) / ORDERS_A_DAY;
    expect(Math.abs(mean / 26.6 - 1)).toBeLessThan(0.1);
    expect(counts[day.biggest]).toBe(Math.max(...counts));
    expect(counts[day.biggest]).toBeGreaterThan(220);
  });

  it('spreads its orders over the day, in order', () => {
    const times = day.orders.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeLessThan(0.1);
    expect(times.at(-1)).toBeLessThan(1);
  });

  it('has enough of each product that its orders name, but of the scarce one for the first half of them', () => {
    for (const [sku, { units }] of day.stock) {
      const served = naming(sku).slice(0, sku === day.scarce ? Math.ceil(naming(sku).length / 2) : undefined);
      expect([sku, units]).toEqual([sku, unitsIn(served, sku)]);
    }
    expect(unitsIn(naming(day.scarce), day.scarce)).toBeGreaterThan(day.stock.get(day.scarce)!.units);
    const named = new Set(day.orders.flatMap(({ sale }) => sale.lines.map(({ sku }) => sku)));
    expect(new Set(day.stock.keys())).toEqual(named);
  });

  it('sells no product more often than the popular one', () => {
    const most = naming(day.popular).length;
    for (const sku of day.stock.keys()) expect(naming(sku).length).toBeLessThanOrEqual(most);
    expect(naming(day.scarce).length).toBeGreaterThan(2);
  });

  it('has payments that are declined, answered too late and cancelled meanwhile; its biggest order goes well', () => {
    const tokens = day.orders.map(({ sale }) => sale.paymentToken);
    for (const token of ['tok_declined', 'tok_insufficient_funds', 'tok_flaky', 'tok_timeout', 'tok_slow'])
      expect(tokens).toContain(token);
    expect(tokens.filter((token) => token === 'tok_visa').length).toBeGreaterThan(ORDERS_A_DAY * 0.8);
    expect(day.orders.filter(({ isCancelled }) => isCancelled)).toHaveLength(2);
    expect(day.orders[day.biggest]).toMatchObject({ sale: { paymentToken: 'tok_visa' }, isCancelled: false });
  });

  it('is the same each time', () => {
    expect(planDay()).toEqual(day);
  });
});
