import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Database } from './database.js';

afterEach(() => void jest.useRealTimers());

describe('the end of a pool', () => {
  it('leaves no timer behind, also where it fails', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    const database = new Database('postgres://user:password@127.0.0.1:1/none', 'test');
    await database.end();
    expect(jest.getTimerCount()).toBe(0);
    await expect(database.end()).rejects.toThrow('end');
    expect(jest.getTimerCount()).toBe(0);
  });
});
