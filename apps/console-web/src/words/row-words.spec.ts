import { describe, expect, it } from '@jest/globals';
import { rowWords } from './row-words.js';

const placed = {
  status: 'placed',
  cancelReason: null,
  stock: 'pending',
  payment: 'pending',
  settled: false,
  waitsFor: 'inventory',
  told: ['OrderPlaced'],
} as const;

describe('the words of a row', () => {
  it.each([
    [{}, 'placed · inventory owes an answer'],
    [{ stock: 'reserved', waitsFor: 'payments' }, 'stock held, being charged · payments owes an answer'],
    [{ stock: 'reserved', payment: 'captured', waitsFor: 'orders' }, 'paid · orders owes an answer'],
    [{ stock: 'rejected', waitsFor: 'orders' }, 'stock missing · orders owes an answer'],
    [{ status: 'confirmed', waitsFor: 'inventory' }, 'confirmed · inventory owes an answer'],
    [
      { status: 'cancelled', cancelReason: 'payment_declined', waitsFor: 'notifications' },
      'cancelled, payment declined · notifications owes an answer',
    ],
    [
      { status: 'confirmed', settled: true, waitsFor: null, told: Array(6).fill('x') },
      'confirmed · done, all 6 events heard',
    ],
    [{ status: null, waitsFor: null }, 'its OrderPlaced was not read yet'],
  ] as const)('%j is "%s"', (change, words) => {
    expect(rowWords({ ...placed, ...change } as Parameters<typeof rowWords>[0])).toBe(words);
  });
});
