import { describe, expect, it } from '@jest/globals';
import { bodyFingerprint, pageOf } from './index.js';

describe('bodyFingerprint', () => {
  it('is the same whatever the order of the keys, and differs with any value', () => {
    const one = bodyFingerprint({ a: 1, b: [{ c: 2, d: 3 }] });
    expect(bodyFingerprint({ b: [{ d: 3, c: 2 }], a: 1 })).toBe(one);
    expect(bodyFingerprint({ a: 1, b: [{ c: 2, d: 4 }] })).not.toBe(one);
    expect(bodyFingerprint({ a: '1', b: [{ c: 2, d: 3 }] })).not.toBe(one);
  });

  it('keeps the order of lists', () => {
    expect(bodyFingerprint([1, 2])).not.toBe(bodyFingerprint([2, 1]));
  });
});

describe('pageOf', () => {
  it('says where to go on when there is one row too many', () => {
    expect(pageOf([1, 2, 3], 2, String)).toEqual({ items: [1, 2], next: '2' });
  });

  it('says that it is the last page', () => {
    expect(pageOf([1, 2], 2, String)).toEqual({ items: [1, 2], next: null });
    expect(pageOf([], 2, String)).toEqual({ items: [], next: null });
  });
});
