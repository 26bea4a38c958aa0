import { describe, expect, it } from '@jest/globals';
import { bodyFingerprint, pageOf } from './index.js';

describe('bodyFingerprint', () => {
  it('ignores the order of keys, and differs with any value', () => {
    const one = bodyFingerprint({ a: 1, b: [{ c: 2, d: 3 }] });
    expect(bodyFingerprint({ b: [{ d: 3, c: 2 }], a: 1 })).toBe(one);
    expect(bodyFingerprint({ a: 1, b: [{ c: 2, d: 4 }] })).not.toBe(one);
    expect(bodyFingerprint({ a: '1', b: [{ c: 2, d: 3 }] })).not.toBe(one);
  });

  it('differs with the order of lists', () => {
    expect(bodyFingerprint([1, 2])).not.toBe(bodyFingerprint([2, 1]));
  });
});

describe('pageOf', () => {
  it('has a cursor when there is one row more than the limit', () => {
    expect(pageOf([1, 2, 3], 2, String)).toEqual({ items: [1, 2], next: '2' });
  });

  it('has no cursor on the last page', () => {
    expect(pageOf([1, 2], 2, String)).toEqual({ items: [1, 2], next: null });
    expect(pageOf([], 2, String)).toEqual({ items: [], next: null });
  });
});
