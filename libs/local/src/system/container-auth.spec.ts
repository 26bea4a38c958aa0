import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { writeContainerAuth } from './container-auth.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderflow-container-auth-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const read = async (...path: string[]) => readFile(join(dir, ...path), 'utf8');
const claimsOf = async (token: string) => {
  const keys = JSON.parse(await read('auth', 'jwks.json')) as JSONWebKeySet;
  return (await jwtVerify(token, createLocalJWKSet(keys))).payload;
};

describe('the login of containers', () => {
  it('has one key for good: a token of the first start is verified after the second', async () => {
    await writeContainerAuth(dir);
    const first = await read('monitor', 'token');
    await writeContainerAuth(dir);
    expect(await claimsOf(first)).toMatchObject({ sub: 'prometheus', roles: ['monitor'] });
  });

  it('gives the console the token of an operator', async () => {
    await writeContainerAuth(dir);
    const { CONSOLE_TOKEN: token = '' } = parseEnv(await read('console', 'service.env'));
    expect(await claimsOf(token)).toMatchObject({ sub: 'console', roles: ['operator'] });
  });

  it('is switched on by a file with the place of the public keys, and allows them in production', async () => {
    await writeContainerAuth(dir);
    expect(parseEnv(await read('auth', 'on.env'))).toEqual({
      AUTH_JWKS_FILE: '/auth/jwks.json',
      AUTH_DEVELOPMENT_KEY: 'allowed',
    });
  });

  it('leaves the private key in its own folder alone', async () => {
    await writeContainerAuth(dir);
    const { d } = JSON.parse(await read('token', 'token-key.json')) as { d: string };
    for (const path of [
      ['auth', 'jwks.json'],
      ['auth', 'on.env'],
      ['console', 'service.env'],
      ['monitor', 'token'],
    ])
      expect(await read(...path)).not.toContain(d);
  });
});
