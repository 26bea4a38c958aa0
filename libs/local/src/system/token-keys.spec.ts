import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { keptTokenKeys, newTokenKeys, signToken, tokenKeyIn } from './token-keys.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderflow-token-keys-'));
});
afterEach(async () => {
  delete process.env['AUTH_ISSUER'];
  delete process.env['AUTH_AUDIENCE'];
  await rm(dir, { recursive: true });
});

describe('the keys of tokens', () => {
  it('are made once, the private one in a file for its owner alone', async () => {
    const first = await keptTokenKeys(join(dir, 'data'));
    expect(await keptTokenKeys(join(dir, 'data'))).toEqual(first);
    expect(await tokenKeyIn(join(dir, 'data'))).toEqual(first.privateKey);
    expect((await stat(join(dir, 'data', 'token-key.json'))).mode & 0o777).toBe(0o600);
  });

  it('are told from those of an identity provider by their id', async () => {
    const [one, other] = [await newTokenKeys(), await newTokenKeys()];
    expect(one.privateKey.kid).toMatch(/^development-[0-9a-f]{8}$/);
    expect(other.privateKey.kid).not.toBe(one.privateKey.kid);
  });

  it('leave no private part in the key set, which the services read', async () => {
    const { keySetFile, privateKey, keySet } = await keptTokenKeys(dir);
    expect(JSON.parse(await readFile(keySetFile, 'utf8'))).toEqual(keySet);
    const { d, ...publicKey } = privateKey;
    expect(d).toEqual(expect.any(String));
    expect(keySet).toEqual({ keys: [publicKey] });
  });

  it('get their key set again where it is missing', async () => {
    const { keySetFile, keySet } = await keptTokenKeys(dir);
    await rm(keySetFile);
    await keptTokenKeys(dir);
    expect(JSON.parse(await readFile(keySetFile, 'utf8'))).toEqual(keySet);
  });

  it('are not made for a token: without them it is refused in one line', async () => {
    await expect(tokenKeyIn(dir)).rejects.toThrow(/^There is no key for tokens .*AUTH=on npm start.*$/);
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('a token', () => {
  const claims = { subject: 'ada', role: 'customer', minutes: 15 } as const;
  const expected = { issuer: 'orderflow', audience: 'orderflow', algorithms: ['EdDSA'] };

  it('is verified by the key set, and says who asks, as which role, until when', async () => {
    const { privateKey, keySet } = await newTokenKeys();
    const token = await signToken(privateKey, claims);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keySet), expected);
    expect(payload).toMatchObject({ sub: 'ada', roles: ['customer'] });
    expect(payload.exp! - payload.iat!).toBe(15 * 60);
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: privateKey.kid });
  });

  it('is not verified by the key set of another system', async () => {
    const token = await signToken((await newTokenKeys()).privateKey, claims);
    const { keySet } = await newTokenKeys();
    await expect(jwtVerify(token, createLocalJWKSet(keySet), expected)).rejects.toThrow('no applicable key');
  });

  it('names the issuer and the audience that the services are told to expect', async () => {
    Object.assign(process.env, { AUTH_ISSUER: 'https://login.example.com', AUTH_AUDIENCE: 'shop' });
    const { privateKey, keySet } = await newTokenKeys();
    const { payload } = await jwtVerify(await signToken(privateKey, claims), createLocalJWKSet(keySet));
    expect(payload).toMatchObject({ iss: 'https://login.example.com', aud: 'shop' });
  });
});
