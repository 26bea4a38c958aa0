import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConfigError, runMain, StartError } from './index.js';

class Exited extends Error {}

describe('runMain', () => {
  let printed = '';
  beforeEach(() => {
    printed = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Exited(String(code));
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each([new StartError('port 3001 is taken; set PORT'), new ConfigError('PORT is not valid: x; y')])(
    'prints a %s as one line and exits 1',
    async (error) => {
      await expect(runMain(() => Promise.reject(error))).rejects.toThrow(new Exited('1'));
      expect(printed).toBe(`${error.message}\n`);
    },
  );

  it('prints the stack of an error that nobody foresaw and exits 1', async () => {
    await expect(runMain(() => Promise.reject(new TypeError('boom')))).rejects.toThrow(new Exited('1'));
    expect(printed).toMatch(/TypeError: boom\n\s+at /);
  });

  it('says in one line which port is taken', async () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), {
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port: 3001,
    });
    await expect(runMain(() => Promise.reject(error))).rejects.toThrow(new Exited('1'));
    expect(printed).toBe('port 3001 of 127.0.0.1 is taken; stop what listens there, or choose another port\n');
  });

  it('stays quiet when all goes well', async () => {
    await runMain(async () => {});
    expect(printed).toBe('');
  });
});
