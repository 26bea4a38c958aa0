import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { parseEnv } from 'node:util';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMMANDS = ['demo', 'audit', 'dead-letters', 'replay', 'recover', 'migrate', 'secrets', 'topics'];

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

const orderflow = async (...args: string[]): Promise<Ran> => orderflowWith({}, ...args);

const orderflowWith = async (env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'orderflow.ts'), ...args],
      { env: { ...process.env, ...env } },
      (error, output, errors) => resolve({ code: error === null ? 0 : Number(error.code), output, errors }),
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

describe('orderflow secrets', () => {
  const keyIds = (set = '') => (JSON.parse(set) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);

  it('appends every secret to a .env file, and when run again only a new key of payment tokens', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderflow-secrets-'));
    const file = join(folder, '.env');
    try {
      expect(await orderflow('secrets', '--to', file)).toEqual({ code: 0, output: '', errors: '' });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const first = parseEnv(readFileSync(file, 'utf8'));
      expect(Object.keys(first).toSorted()).toEqual([
        'GRAFANA_PASSWORD',
        'IDEMPOTENCY_SECRET',
        'PAYMENT_TOKEN_PRIVATE_KEYS',
        'PAYMENT_TOKEN_PUBLIC_KEY',
        'POSTGRES_PASSWORD',
      ]);

      await orderflowWith(first, 'secrets', '--to', file);
      const second = parseEnv(readFileSync(file, 'utf8'));
      const { PAYMENT_TOKEN_PUBLIC_KEY: publicKey, PAYMENT_TOKEN_PRIVATE_KEYS: keys, ...kept } = second;
      expect(first).toMatchObject(kept);
      expect(keyIds(keys).slice(1)).toEqual(keyIds(first['PAYMENT_TOKEN_PRIVATE_KEYS']));
      expect(JSON.parse(publicKey!)).toMatchObject({ kid: keyIds(keys)[0] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
