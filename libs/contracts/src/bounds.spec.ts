import { describe, expect, it } from '@jest/globals';
import { isSku, mostUnitsOfSku } from './bounds.js';

describe('a SKU', () => {
  it.each(['A', 'm', 'POST', 'BANK CHARGES', 'A/B', '50% OFF', 'a+b & (c) #1', '...', 'Grün', '茶☕', '𝔐'.repeat(64)])(
    'may be %j',
    (sku) => expect(isSku(sku)).toBe(true),
  );

  it.each([
    ['nothing', ''],
    ['a blank at its begin', ' A'],
    ['a blank at its end', 'A '],
    ['65 characters', 'A'.repeat(65)],
    ['a control character', 'A\u0000B'],
    ['a line break', 'A\nB'],
    ['a line break at its end', 'A\n'],
    ['a no-break space', 'A\u00a0B'],
    ['a zero-width space', 'A\u200bB'],
    ['a bidi override', 'A\u202eB'],
    ['a line separator', 'A\u2028B'],
    ['a soft hyphen', 'A\u00adB'],
    ['a variation selector', 'A\ufe0f'],
    ['a filler that shows nothing', '\u3164'],
    ['half a character', 'A\ud800'],
    ['a tag that shows nothing', 'A\u{e0041}'],
    ['a segment that vanishes from a URL', '..'],
  ])('is not %s', (_what, sku) => expect(isSku(sku)).toBe(false));
});

describe('the units of a SKU in one order', () => {
  it('fit an int of Avro and an integer of PostgreSQL', () => {
    expect(mostUnitsOfSku).toBeLessThan(2 ** 31);
  });
});
