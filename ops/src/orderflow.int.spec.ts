import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';

const COMMANDS = ['demo', 'audit', 'dead-letters', 'replay', 'migrate', 'secrets', 'topics'];

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

const orderflow = async (...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, 'orderflow.ts'), ...args], (error, output, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code), output, errors }),
    );
  });

describe('orderflow', () => {
  it('lists every command with one line', async () => {
    const { code, output } = await orderflow('--help');
    expect(code).toBe(0);
    expect([...output.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name]) => name)).toEqual(COMMANDS);
  });

  it.each(COMMANDS)('prints the usage of %s', async (name) => {
    const { code, output, errors } = await orderflow(name, '--help');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(new RegExp(`^Usage: orderflow ${name}`));
  });

  it('rejects an unknown command in one line, with exit code 2', async () => {
    expect(await orderflow('order')).toEqual({
      code: 2,
      output: '',
      errors: `Unknown command order. Commands: ${COMMANDS.join(', ')}.\n`,
    });
  });

  it('rejects an unknown option in one line, with exit code 1', async () => {
    const { code, errors } = await orderflow('migrate', '--now');
    expect(code).toBe(1);
    expect(errors).toMatch(/^Unknown option '--now'.*\n$/);
  });
});
