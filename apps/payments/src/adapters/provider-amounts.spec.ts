import { describe, expect, it } from '@jest/globals';
import { currencies } from '@orderflow/contracts';
import { amountConventions, providerAmount } from './provider-amounts.js';

describe('the amount for the provider', () => {
  it.each([
    ['stripe', 'ISK', 1_900, 190_000],
    ['stripe', 'UGX', 1_900, 190_000],
    ['stripe', 'MGA', 1_900, 19],
    ['stripe', 'KWD', 1_900, 1_900],
    ['stripe', 'JPY', 1_900, 1_900],
    ['stripe', 'HUF', 1_999, 1_999],
    ['adyen', 'CLP', 1_900, 190_000],
    ['adyen', 'ISK', 1_900, 190_000],
    ['adyen', 'CVE', 1_900, 19],
    ['adyen', 'IDR', 1_900, 19],
    ['adyen', 'KWD', 1_901, 1_901],
    ['iso', 'ISK', 1_900, 1_900],
  ] as const)('at %s: %s %d is %d', (convention, currency, amountMinor, expected) => {
    expect(providerAmount({ amountMinor, currency }, convention)).toBe(expected);
  });

  it('is the same as in ISO 4217 for every other currency', () => {
    const changed = (convention: (typeof amountConventions)[number]) =>
      currencies.filter((currency) => providerAmount({ amountMinor: 12_300, currency }, convention) !== 12_300);
    expect(amountConventions.map(changed)).toEqual([[], ['ISK', 'MGA', 'UGX'], ['CLP', 'CVE', 'IDR', 'ISK']]);
  });

  it.each([
    ['stripe', 'MGA', 1_950],
    ['stripe', 'BHD', 1_905],
    ['stripe', 'TND', 1],
    ['adyen', 'IDR', 1_999],
    ['adyen', 'CVE', 1],
    ['adyen', 'CLP', Number.MAX_SAFE_INTEGER],
    ['iso', 'DEM', 1_900],
  ] as const)('at %s: %s %d is not rounded, but none', (convention, currency, amountMinor) => {
    expect(providerAmount({ amountMinor, currency }, convention)).toBeUndefined();
  });
});
