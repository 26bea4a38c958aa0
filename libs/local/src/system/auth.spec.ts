import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authEnv, configuredAuth } from './auth.js';

const VARIABLES = ['AUTH', 'AUTH_JWKS_FILE', 'AUTH_JWKS_URL'] as const;
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderflow-auth-'));
  for (const name of VARIABLES) delete process.env[name];
});
afterEach(async () => {
  for (const name of VARIABLES) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await rm(dir, { recursive: true });
});

describe('the login of a system on this machine', () => {
  it('is off where the environment does not speak of it, and makes no key', async () => {
    expect(await configuredAuth(dir)).toEqual({ auth: 'off' });
    process.env['AUTH'] = 'off';
    expect(await configuredAuth(dir)).toEqual({ auth: 'off' });
    expect(await readdir(dir)).toEqual([]);
  });

  it('has keys of this machine with AUTH=on, the same ones at every start', async () => {
    process.env['AUTH'] = 'on';
    const { auth, tokenKey } = await configuredAuth(dir);
    expect(auth).toEqual({ keySetFile: join(dir, 'jwks.json') });
    expect(existsSync(join(dir, 'jwks.json'))).toBe(true);
    expect(await configuredAuth(dir)).toEqual({ auth, tokenKey });
  });

  it('has those of an identity provider where one is named, and makes none', async () => {
    process.env['AUTH_JWKS_URL'] = 'https://login.example.com/jwks';
    expect(await configuredAuth(dir)).toEqual({ auth: { keySetUrl: 'https://login.example.com/jwks' } });
    process.env['AUTH'] = 'on';
    expect(await configuredAuth(dir)).toEqual({ auth: { keySetUrl: 'https://login.example.com/jwks' } });
    expect(await readdir(dir)).toEqual([]);
  });

  it('reads a key set file from wherever the programs are started', async () => {
    process.env['AUTH_JWKS_FILE'] = 'keys/jwks.json';
    expect(await configuredAuth(dir)).toEqual({ auth: { keySetFile: join(process.cwd(), 'keys', 'jwks.json') } });
  });

  it.each([
    { AUTH: 'maybe' },
    { AUTH: 'off', AUTH_JWKS_URL: 'https://login.example.com/jwks' },
    { AUTH: 'off', AUTH_JWKS_FILE: 'jwks.json' },
    { AUTH_JWKS_URL: 'https://login.example.com/jwks', AUTH_JWKS_FILE: 'jwks.json' },
  ])('is refused in one line as %j', async (variables) => {
    Object.assign(process.env, variables);
    await expect(configuredAuth(dir)).rejects.toThrow(/^AUTH.*: (correct or unset it|set one of them)\.$/);
  });
});

describe('the variables of a program', () => {
  it('name exactly one login, and unset the others of this process', () => {
    const unset = { AUTH: undefined, AUTH_JWKS_FILE: undefined, AUTH_JWKS_URL: undefined };
    expect(authEnv('off')).toEqual({ ...unset, AUTH: 'off' });
    expect(authEnv({ keySetFile: '/k' })).toEqual({ ...unset, AUTH_JWKS_FILE: '/k' });
    expect(authEnv({ keySetUrl: 'https://k' })).toEqual({ ...unset, AUTH_JWKS_URL: 'https://k' });
  });
});
