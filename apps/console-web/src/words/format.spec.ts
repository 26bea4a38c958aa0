import { describe, expect, it } from '@jest/globals';
import { afterOf, dayOf, durationOf, instantOf, moneyOf, offsetOf, shortId, timeOf } from './format.js';

describe('an amount', () => {
  it.each([
    [900, 'EUR', '9.00 EUR'],
    [123_456_789, 'EUR', '1,234,567.89 EUR'],
    [1_234_567, 'JPY', '1,234,567 JPY'],
    [5, 'KWD', '0.005 KWD'],
    [9_007_199_254_740_991, 'EUR', '90,071,992,547,409.91 EUR'],
    [1230, 'DEM', '1230 minor units of DEM'],
  ])('%i %s is written as %s', (minor, currency, text) => {
    expect(moneyOf(minor, currency)).toBe(text);
  });
});

describe('a length of time', () => {
  it.each([
    [0, '0 ms'],
    [38.4, '38 ms'],
    [1234, '1.2 s'],
    [59_949, '59.9 s'],
    [59_960, '1 m 0 s'],
    [69_000, '1 m 9 s'],
    [3_600_000, '1 h 0 m'],
  ])('%d ms is written as %s', (ms, text) => {
    expect(durationOf(ms)).toBe(text);
  });
});

it.each([
  [0, '0'],
  [38, '+38 ms'],
  [10_031, '+10.031 s'],
  [69_120, '+1:09.120'],
])('%d ms after the first event is written as %s', (ms, text) => {
  expect(afterOf(ms)).toBe(text);
});

describe('an instant', () => {
  it('is midnight at 00, never at 24', () => {
    expect(timeOf('2026-11-24T00:15:00.000Z', 'utc')).toBe('00:15:00.000');
  });

  it('has a day only where that is not today', () => {
    expect(instantOf('2026-11-24T11:00:00.000Z', 'utc', '2026-11-24')).toBe('11:00:00.000');
    expect(instantOf('2026-11-23T11:00:00.000Z', 'utc', '2026-11-24')).toBe('2026-11-23 11:00:00.000');
  });

  it('says its offset', () => {
    expect(offsetOf('2026-11-24T00:15:00.000Z', 'utc')).toBe('UTC');
    expect(dayOf('2026-11-24T00:15:00.000Z', 'utc')).toBe('2026-11-24');
  });
});

it('an id is shortened to what tells it apart', () => {
  expect(shortId('0198f3a2-1111-7000-8000-00000000c1d0')).toBe('0198…c1d0');
  expect(shortId('ada')).toBe('ada');
});
