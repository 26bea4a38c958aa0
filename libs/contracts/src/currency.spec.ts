import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { amountText, currencies, majorUnits, minorDigits, refusalOfCurrency } from './index.js';

/** List one of ISO 4217, as published on 2026-01-01: the digits are empty where a code has no minor unit. */
const listOne = readFileSync(new URL('../test/iso-4217-2026-01-01.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((row) => row.split(',') as [code: string, digits: string]);

describe('the currencies', () => {
  it('are those of ISO 4217 with their digits', () => {
    expect(listOne).toHaveLength(178);
    expect(listOne.map(([code]) => [code, String(minorDigits(code) ?? '')])).toEqual(listOne);
    expect(currencies).toEqual(listOne.filter(([, digits]) => digits !== '').map(([code]) => code));
  });

  // proves: an amount has a currency of ISO 4217 with a minor unit
  it('are accepted where they have a minor unit', () => {
    for (const [code, digits] of listOne)
      expect([code, refusalOfCurrency(code)]).toEqual([
        code,
        digits === '' ? `must have a minor unit, and ${code} has none` : undefined,
      ]);
    for (const code of ['DEM', 'ZZZ', 'BGN', 'HRK'])
      expect(refusalOfCurrency(code)).toBe(`must be an active currency of ISO 4217, and ${code} is not`);
    for (const code of ['eur', 'EURO', '', 'E1R']) expect(refusalOfCurrency(code)).toMatch('three capital letters');
  });
});

describe('an amount', () => {
  it('has the digits of its currency', () => {
    expect(majorUnits(123_450, 'HUF')).toBe('1234.50');
    expect(majorUnits(1_900, 'JPY')).toBe('1900');
    expect(majorUnits(5, 'KWD')).toBe('0.005');
    expect(majorUnits(-5, 'EUR')).toBe('-0.05');
    expect(majorUnits(12_345, 'CLF')).toBe('1.2345');
    expect(majorUnits(0, 'EUR')).toBe('0.00');
  });

  it('is exact up to the largest whole number', () => {
    expect(majorUnits(Number.MAX_SAFE_INTEGER, 'IDR')).toBe('90071992547409.91');
  });

  it('is refused without a minor unit, or with a part of one', () => {
    expect(() => majorUnits(1, 'XAU')).toThrow('1 XAU');
    expect(() => majorUnits(1.5, 'EUR')).toThrow(RangeError);
  });

  it('keeps its minor units in the text of a currency that is not active', () => {
    expect(amountText(1_230, 'EUR')).toBe('12.30 EUR');
    expect(amountText(1_230, 'DEM')).toBe('1230 minor units of DEM');
  });
});
