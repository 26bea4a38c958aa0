import { describe, expect, it } from '@jest/globals';
import { assertPortFree, freePorts } from './ports.js';
import { reasonOf, SetupError } from './setup-error.js';

describe('free ports', () => {
  it('are different and can be listened on', async () => {
    const ports = await freePorts(5);
    expect(new Set(ports).size).toBe(5);
    for (const port of ports) await assertPortFree(port, 'a test', 'A_PORT');
  });
});

describe('the reason of an error', () => {
  it('is its first line', () => {
    expect(reasonOf(new Error('broken\n    at somewhere'))).toBe('broken');
  });

  it('is the cause where there is one', () => {
    expect(reasonOf(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }))).toBe('ECONNREFUSED');
  });

  it('is the first of several', () => {
    expect(reasonOf(new AggregateError([new SetupError('first'), new Error('second')]))).toBe('first');
  });

  it('is the thrown value itself when it is not an error', () => {
    expect(reasonOf('just text')).toBe('just text');
  });
});
