import { describe, expect, it } from '@jest/globals';
import { violationsOf } from './rule.ts';
import { type StockFacts, stockRules } from './stock-rules.ts';

const sound: StockFacts = {
  sku: 'tea',
  onHand: 7,
  reserved: 2,
  committed: 3,
  delivered: 10,
  openReservations: 2,
  committedReservations: 3,
};

const brokenBy = (changes: Partial<StockFacts>) =>
  violationsOf(stockRules, [{ ...sound, ...changes }]).map(({ id }) => id);

describe('each rule about products', () => {
  it('holds where delivered = on hand + committed, and reserved = what orders hold', () => {
    expect(brokenBy({})).toEqual([]);
  });

  it.each<[string, Partial<StockFacts>]>([
    ['stock-delivered', { delivered: 11 }],
    ['stock-reserved', { openReservations: 1 }],
    ['stock-reserved', { committedReservations: 4 }],
    ['stock-negative', { onHand: -1, delivered: 2, reserved: -2, openReservations: -2 }],
    ['stock-negative', { reserved: 8, openReservations: 8 }],
  ])('%s alone is broken by %j', (rule, changes) => {
    expect(brokenBy(changes)).toEqual([rule]);
  });
});
