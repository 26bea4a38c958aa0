import { describe, expect, it } from '@jest/globals';
import { freshTraceparent, isTraceparent, readTraceContext, readTraceparent, traceIdOf } from './traceparent.js';

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
    good.replace(trace, '0'.repeat(32)),
    good.replace('00f067aa0ba902b7', '0'.repeat(16)),
    good.replace('-01', '-0g'),
    `${good.slice(0, 54)}\n`,
  ])('is invalid when it is %j', (value) => {
    expect(isTraceparent(value)).toBe(false);
    expect(readTraceparent(value)).toBeUndefined();
    expect(traceIdOf(value)).toBeUndefined();
  });

  it.each([
    ['is read', good.replace(/^00/, '01')],
    ['is read with what it adds', `${good.replace(/^00/, 'cc')}-what-the-future-will-be-like`],
    ['is read without flags that are not known', good.replace(/^00/, 'fe').replace(/01$/, '85')],
  ])('of a later version %s as version 00', (_what, value) => {
    expect(readTraceparent(value)).toBe(good);
    expect(traceIdOf(value)).toBe(trace);
  });

  it.each([`${good.replace(/^00/, 'cc')}.what`, good.replace(/^00/, 'cc').replace(trace, '0'.repeat(32))])(
    'of a later version is invalid when it is %j',
    (value) => {
      expect(readTraceparent(value)).toBeUndefined();
    },
  );

  it('is valid, not recorded and different each time when it is fresh', () => {
    const [first, second] = [freshTraceparent(), freshTraceparent()];
    expect(isTraceparent(first)).toBe(true);
    expect(first).toMatch(/-00$/);
    expect(traceIdOf(first)).not.toBe(traceIdOf(second));
  });
});

const many = (count: number): string => Array.from({ length: count }, (_, n) => `k${n}=1`).join(',');

describe('tracestate', () => {
  const tracestateOf = (tracestate: unknown) => readTraceContext({ traceparent: good, tracestate })?.tracestate;

  it.each([
    ['foo=1,bar=2', 'foo=1,bar=2'],
    [' foo=1 , bar=2 ', 'foo=1,bar=2'],
    ['tenant@vendor=a b', 'tenant@vendor=a b'],
    ['foo=1,Bar=2,baz=3,=,x', 'foo=1,baz=3'],
    [many(32), many(32)],
  ])('%j is passed on as %j', (given, passed) => {
    expect(tracestateOf(given)).toBe(passed);
  });

  it.each([undefined, '', ' ', 'FOO=1', 'foo', ['foo=1'], `foo=${'x'.repeat(512)}`, many(33)])(
    '%j counts as absent',
    (given) => {
      expect(readTraceContext({ traceparent: good, tracestate: given })).toEqual({ traceparent: good });
    },
  );

  it('counts as absent without a valid traceparent', () => {
    expect(readTraceContext({ traceparent: 'junk', tracestate: 'foo=1' })).toBeUndefined();
  });
});
