import { describe, expect, it } from '@jest/globals';
import { causeOf } from './cause.js';

describe('the cause of a reason', () => {
  it.each([
    ['BrokenRule: order 0198f3a2-7e4f-7000-8000-00000000bad0 is over', 'BrokenRule: order … is over'],
    ['422: charge ch_3PqLmN0aZ2eKv9Xw of 123456 is above the limit', '422: charge … of … is above the limit'],
    ['unknown_schema: no schema with id 41', 'unknown_schema: no schema with id 41'],
    ['first line\nsecond line', 'first line'],
    ['', ''],
  ])('of %j is %j', (reason, cause) => {
    expect(causeOf(reason)).toBe(cause);
  });

  it('is short, also of a text of 60 kB', () => {
    expect(causeOf('a_1'.repeat(20_000)).length).toBeLessThanOrEqual(160);
    expect(causeOf('a b '.repeat(15_000)).length).toBeLessThanOrEqual(160);
  });
});
