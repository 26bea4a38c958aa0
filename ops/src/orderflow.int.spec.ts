import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventSchemas } from '@orderflow/contracts';
import { keptTokenKeys } from '@orderflow/local';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMMANDS = [
  'demo',
  'audit',
  'dead-letters',
  'replay',
  'recover',
  'republish',
  'rebuild',
  'migrate',
  'secrets',
  'token',
  'topics',
  'acls',
  'schemas',
];

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

describe('a command whose output is not read to its end', () => {
  it('ends without a stack, with the exit code of SIGPIPE', async () => {
    const args = [join(import.meta.dirname, 'orderflow.ts'), 'schemas'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number]>]);
    expect({ code, errors }).toEqual({ code: 141, errors: '' });
  });
});

describe('orderflow schemas', () => {
  it('prints the schema of every event, a line each', async () => {
    const { code, output } = await orderflow('schemas');
    expect(code).toBe(0);
    const lines = output.trim().split('\n');
    expect(lines).toHaveLength(Object.keys(eventSchemas).length);
    for (const line of lines) {
      const [subject, schema = ''] = line.split('\t');
      const { namespace, name } = JSON.parse(schema) as { namespace: string; name: string };
      expect(subject).toBe(`${namespace}.${name}`);
    }
  });

  it('registers them, with ids that a second run finds', async () => {
    const first = await orderflow('schemas', '--register');
    expect(first).toMatchObject({ code: 0, errors: '' });
    expect(first.output).toMatch(/^orderflow\.orders\.OrderPlaced\t\d+$/m);
    expect(await orderflow('schemas', '--register')).toEqual(first);
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

describe('orderflow secrets for a file whose last line does not end', () => {
  it('leaves that line as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'orderflow-secrets-'));
    const file = join(folder, '.env');
    try {
      writeFileSync(file, 'LOG_LEVEL=debug');
      await orderflow('secrets', '--to', file);
      expect(parseEnv(readFileSync(file, 'utf8'))).toMatchObject({
        LOG_LEVEL: 'debug',
        PAYMENT_TOKEN_PUBLIC_KEY: expect.stringContaining('X25519'),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('orderflow audit', () => {
  it('does not run with a deadline that is no number: no order would ever be late', async () => {
    const ran = await orderflowWith({ ORDER_DEADLINE_SECONDS: '1m' }, 'audit');
    expect(ran).toEqual({
      code: 2,
      output: '',
      errors: 'ORDER_DEADLINE_SECONDS is "1m": set it to a number of seconds, such as 60.\n',
    });
  });
});

describe('a command that the program of a service carries out', () => {
  it('passes a signal on, and ends after that program', async () => {
    // A database that never answers.
    const database = createServer().listen(0, '127.0.0.1');
    await once(database, 'listening');
    const { port } = database.address() as AddressInfo;
    const env = { ...process.env, DATABASE_URL: `postgres://shop:secret@127.0.0.1:${port}` };
    const args = [join(import.meta.dirname, 'orderflow.ts'), 'recover', 'orders'];
    const command = spawn(process.execPath, args, { stdio: 'ignore', env });
    const ended = once(command, 'exit') as Promise<[number]>;
    const [socket] = (await once(database, 'connection')) as [Socket];
    const program = readFileSync(`/proc/${command.pid}/task/${command.pid}/children`, 'utf8').trim();
    expect(existsSync(`/proc/${program}`)).toBe(true);
    command.kill('SIGTERM');
    const [code] = await ended;
    expect({ code, goesOn: existsSync(`/proc/${program}`) }).toEqual({ code: 143, goesOn: false });
    socket.destroy();
    database.close();
  });
});

describe('orderflow token', () => {
  let keys: string;
  beforeAll(async () => {
    keys = mkdtempSync(join(tmpdir(), 'orderflow-token-'));
    await keptTokenKeys(keys);
  });
  afterAll(() => rmSync(keys, { recursive: true }));

  const claimsOf = ({ output }: Ran) =>
    JSON.parse(Buffer.from(output.split('.')[1]!, 'base64url').toString()) as Record<string, number>;

  it('prints the token of a customer for an hour, and nothing else', async () => {
    const ran = await orderflow('token', '--customer', 'ada', '--keys', keys);
    expect(ran).toEqual({ code: 0, output: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/), errors: '' });
    const claims = claimsOf(ran);
    expect(claims).toMatchObject({ sub: 'ada', roles: ['customer'] });
    expect(claims['exp']! - claims['iat']!).toBe(3_600);
  });

  it('prints that of an operator under a name, for as long as asked', async () => {
    const ran = await orderflow('token', '--role', 'admin', '--as', 'grace', '--minutes', '5', '--keys', keys);
    const claims = claimsOf(ran);
    expect(claims).toMatchObject({ sub: 'grace', roles: ['admin'] });
    expect(claims['exp']! - claims['iat']!).toBe(300);
  });

  it.each([
    [[], 'Name a customer or a role'],
    [['--customer', 'ada', '--role', 'admin'], 'Name a customer or a role'],
    [['--customer', 'a b'], '--customer is the id'],
    [['--role', 'root'], '--role is one of operator, admin, monitor'],
    [['--role', 'admin', '--minutes', '0'], '--minutes is a whole number'],
    [['--role', 'admin', '--keys', '/nonexistent'], 'There is no key for tokens (/nonexistent/token-key.json)'],
  ])('refuses %j in one line', async (args, line) => {
    const { code, output, errors } = await orderflow('token', ...args);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toContain(line);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});
