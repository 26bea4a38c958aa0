import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { StartError } from './errors.js';
import { runMain } from './run-main.js';

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

  it('prints a StartError without its stack and exits 1', async () => {
    const error = new StartError('PORT is not valid: x; y\nHOST is not valid: z');
    await expect(runMain(() => Promise.reject(error))).rejects.toThrow(new Exited('1'));
    expect(printed).toBe(`${error.message}\n`);
  });

  it('prints the stack of an unexpected error and exits 1', async () => {
    await expect(runMain(() => Promise.reject(new TypeError('boom')))).rejects.toThrow(new Exited('1'));
    expect(printed).toMatch(/TypeError: boom\n\s+at /);
  });

  it('names a taken port in one line', async () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), {
      code: 'EADDRINUSE',
      syscall: 'listen',
      address: '127.0.0.1',
      port: 3001,
    });
    await expect(runMain(() => Promise.reject(error))).rejects.toThrow(new Exited('1'));
    expect(printed).toBe(
      'port 3001 of 127.0.0.1 is taken; stop the program that listens there, or choose another port\n',
    );
  });

  it('ends a program that is still starting with the exit code of the signal', () => {
    void runMain(() => new Promise(() => undefined));
    expect(() => process.emit('SIGTERM', 'SIGTERM')).toThrow(new Exited('143'));
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
  });

  it('prints nothing on success', async () => {
    await runMain(async () => {});
    expect(printed).toBe('');
  });
});
