import { describe, expect, it } from '@jest/globals';
import { ledgerAmount } from './amounts.js';

describe('an amount in the ledger', () => {
  it.each([
    ['iso', 'ISK', 1_900, 1_900],
    ['stripe', 'ISK', 190_000, 1_900],
    ['stripe', 'MGA', 19, 1_900],
    ['stripe', 'KWD', 1_900, 1_900],
    ['adyen', 'CLP', 190_000, 1_900],
    ['adyen', 'IDR', 19, 1_900],
    ['adyen', 'EUR', 1_999, 1_999],
  ] as const)('at %s: %s %d is %d in ISO 4217', (convention, currency, amount, expected) => {
    expect(ledgerAmount(amount, currency, convention)).toBe(expected);
  });

  it.each([
    ['stripe', 'ISK', 190_050],
    ['stripe', 'UGX', 1],
    ['stripe', 'TND', 1_905],
    ['adyen', 'CLP', 1_950],
  ] as const)('at %s: %s %d is none', (convention, currency, amount) => {
    expect(ledgerAmount(amount, currency, convention)).toBeUndefined();
  });
});
