import { describe, expect, it } from '@jest/globals';
import { freshTraceparent, isTraceparent, traceIdOf } from './traceparent.js';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const good = `00-${trace}-00f067aa0ba902b7-01`;

describe('traceparent', () => {
  it('is read where it is valid', () => {
    expect(isTraceparent(good)).toBe(true);
    expect(traceIdOf(good)).toBe(trace);
  });

  it.each([
    undefined,
    '',
    'junk',
    good.toUpperCase(),
    `${good}-extra`,
    ` ${good}`.slice(0, 55),
    good.replace(/^00/, 'ff'),
    good.replace(/^00/, '01'),
    good.replace(trace, '0'.repeat(32)),
    good.replace('00f067aa0ba902b7', '0'.repeat(16)),
    good.replace('-01', '-0g'),
    `${good.slice(0, 54)}\n`,
  ])('is invalid when it is %j', (value) => {
    expect(isTraceparent(value)).toBe(false);
    expect(traceIdOf(value)).toBeUndefined();
  });

  it('is valid, not recorded and different each time when it is fresh', () => {
    const [first, second] = [freshTraceparent(), freshTraceparent()];
    expect(isTraceparent(first)).toBe(true);
    expect(first).toMatch(/-00$/);
    expect(traceIdOf(first)).not.toBe(traceIdOf(second));
  });
});
