import { describe, expect, it } from '@jest/globals';
import { unpackLz4 } from './lz4.js';
import { unpackSnappy } from './snappy.js';

const TEXT = 'abcabcabcabcabcabc, and no more';
// By lz4 1.9.4 and by Java's producer (snappy-java 1.1.10).
const LZ4 = Buffer.from('04224d186440a7140000003b6162630300d02c20616e64206e6f206d6f7265000000008b817da8', 'hex');
const SNAPPY = Buffer.from(
  '82534e41505059000000000100000001000000161f086162633a0300302c20616e64206e6f206d6f7265',
  'hex',
);

describe('the content of a frame', () => {
  it.each([
    ['lz4', unpackLz4, LZ4],
    ['snappy', unpackSnappy, SNAPPY],
    ['snappy in one block', unpackSnappy, SNAPPY.subarray(20)],
  ])('of %s', (_, unpack, packed) => {
    expect(unpack(packed, 1_000).toString()).toBe(TEXT);
  });

  // proves: a compressed batch unpacks to a bounded size
  it('is never more than the limit', () => {
    expect(() => unpackLz4(LZ4, TEXT.length - 1)).toThrow(RangeError);
    expect(() => unpackSnappy(SNAPPY, TEXT.length - 1)).toThrow(RangeError);
  });

  it.each([
    ['lz4', unpackLz4, LZ4],
    ['snappy', unpackSnappy, SNAPPY],
  ])('of %s is refused with a RangeError where it is damaged', (_, unpack, packed) => {
    for (let at = 1; at < packed.length; at++) {
      const damaged = Buffer.from(packed);
      damaged[at] = 255;
      for (const bytes of [packed.subarray(0, at), damaged]) {
        expect(isBounded(() => unpack(bytes, 1_000), 1_000)).toBe(true);
      }
    }
  });
});

/** Whether it returns at most `limit` bytes or throws a RangeError. */
function isBounded(act: () => Buffer, limit: number): boolean {
  try {
    return act().length <= limit;
  } catch (error) {
    return (error as Error).name === 'RangeError';
  }
}
