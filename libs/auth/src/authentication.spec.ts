import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type AuthEnv, StartError } from '@orderflow/config';
import { eventually } from '@orderflow/client';
import { TestTokens } from '@orderflow/testing/tokens';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticationOf, TokenVerifier } from './index.js';

const noKeys: AuthEnv = { AUTH_ISSUER: 'orderflow', AUTH_AUDIENCE: 'orderflow' };
let tokens: TestTokens;
let dir: string;
let file: string;
beforeAll(async () => {
  tokens = await TestTokens.create();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderflow-auth-'));
  file = join(dir, 'keys.json');
});
afterEach(() => rm(dir, { recursive: true }));

const keysAre = (keys: unknown) => writeFile(file, JSON.stringify(keys));
const ofFile = (env: Partial<AuthEnv> = {}) => authenticationOf({ ...noKeys, AUTH_JWKS_FILE: file, ...env });

async function verifierOf(auth: Promise<TokenVerifier | 'off'>): Promise<TokenVerifier> {
  const verifier = await auth;
  if (verifier === 'off') throw new Error('it knows no callers');
  return verifier;
}

async function lineOf(start: Promise<unknown>): Promise<string> {
  const error = await start.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  expect((error as StartError).message).not.toContain('\n');
  return (error as StartError).message;
}

describe('the settings of a program', () => {
  it('switch authentication off only by that word', async () => {
    expect(await authenticationOf({ ...noKeys, AUTH: 'off' })).toBe('off');
    for (const env of [noKeys, { ...noKeys, AUTH: 'on' } as const])
      expect(await lineOf(authenticationOf(env))).toMatch(/^AUTH_JWKS_URL is not set: .*AUTH_JWKS_FILE.*AUTH=off/);
  });

  // proves: auth: exactly one way to know callers is set
  it('do not name two ways to know callers', async () => {
    const url = 'http://127.0.0.1:1';
    expect(await lineOf(ofFile({ AUTH: 'off' }))).toBe(
      'AUTH=off and AUTH_JWKS_FILE exclude each other: set one of them; see .env.example',
    );
    expect(await lineOf(ofFile({ AUTH_JWKS_URL: url }))).toMatch(
      /^AUTH_JWKS_URL and AUTH_JWKS_FILE exclude each other/,
    );
  });

  it('name a file that is there, and holds public keys', async () => {
    expect(await lineOf(ofFile())).toMatch(/^AUTH_JWKS_FILE cannot be read: .*no such file/);
    const [key] = tokens.keys.keys;
    const texts = ['no json', '[]', '{}', '{"keys":[]}'];
    const sets = [
      { ...key, d: 'private' },
      { kty: 'oct', k: 'shared' },
    ].map((it) => JSON.stringify({ keys: [it] }));
    for (const text of [...texts, ...sets]) {
      await writeFile(file, text);
      expect(await lineOf(ofFile())).toMatch(/^AUTH_JWKS_FILE (is no JWK set of public keys|cannot be read)/);
    }
  });

  // proves: auth: a development key starts nothing in production
  it('in production name no key of development, unless they say that it is allowed', async () => {
    await keysAre((await TestTokens.create('development-0a1b2c3d')).keys);
    const production = { NODE_ENV: 'production' };
    expect(await lineOf(ofFile(production))).toMatch(
      /^AUTH_JWKS_FILE holds the development key development-0a1b2c3d: .*AUTH_DEVELOPMENT_KEY=allowed/,
    );
    expect(await ofFile()).toBeInstanceOf(TokenVerifier);
    expect(await ofFile({ ...production, AUTH_DEVELOPMENT_KEY: 'allowed' })).toBeInstanceOf(TokenVerifier);
    await keysAre(tokens.keys);
    expect(await ofFile(production)).toBeInstanceOf(TokenVerifier);
  });
});

describe('the key set', () => {
  let now: number;
  beforeEach(() => {
    now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(() => void jest.restoreAllMocks());

  /** The clock goes on with each check: without that `eventually` would never give up. */
  const soon = (check: () => Promise<void>) =>
    eventually(() => {
      now += 100;
      return check();
    }, 3_000);

  it('of a file is read again for a key that is unknown, at most every five seconds', async () => {
    await keysAre(tokens.keys);
    const verifier = await verifierOf(ofFile());
    const next = await TestTokens.create('next');
    await keysAre({ keys: [...tokens.keys.keys, ...next.keys.keys] });
    const token = await next.of('ada', ['customer']);
    await expect(verifier.verify(token)).rejects.toThrow('no applicable key');
    now += 5_000;
    expect(await verifier.verify(token)).toMatchObject({ subject: 'ada' });
  });

  it('of a file is read again after ten minutes, so that a key that was withdrawn verifies no new token', async () => {
    await keysAre(tokens.keys);
    const verifier = await verifierOf(ofFile());
    await keysAre((await TestTokens.create('next')).keys);
    now += 600_000;
    await expect(verifier.verify(await tokens.of('ada', []))).rejects.toThrow('no applicable key');
  });

  it('takes a key that was withdrawn from the tokens that it has verified, too', async () => {
    await keysAre(tokens.keys);
    const verifier = await verifierOf(ofFile());
    const token = await tokens.of('ada', [], { exp: now / 1_000 + 3_600 });
    await verifier.verify(token);
    await keysAre((await TestTokens.create('next')).keys);
    await verifier.verify(token);
    now += 600_000;
    await soon(() => expect(verifier.verify(token)).rejects.toThrow('no applicable key'));
  });

  it('that has become unusable verifies no token', async () => {
    await keysAre(tokens.keys);
    const verifier = await verifierOf(ofFile());
    const token = await tokens.of('ada', [], { exp: now / 1_000 + 3_600 });
    await verifier.verify(token);
    await keysAre({ keys: [] });
    now += 600_000;
    await soon(() => expect(verifier.verify(token)).rejects.toMatchObject({ transient: true }));
  });
});

describe('the key set of a provider', () => {
  let server: Server;
  let answer: { status: number; body: unknown };
  beforeEach(async () => {
    answer = { status: 200, body: tokens.keys };
    server = createServer((_request, response) => response.writeHead(answer.status).end(JSON.stringify(answer.body)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const ofUrl = (env: Partial<AuthEnv> = {}) =>
    authenticationOf({
      ...noKeys,
      AUTH_JWKS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...env,
    });

  it('verifies its tokens', async () => {
    const verifier = await verifierOf(ofUrl());
    expect(await verifier.verify(await tokens.of('ada', ['customer']))).toMatchObject({ customerId: 'ada' });
  });

  it('that is away does not stop the start, and verifies tokens once it is back', async () => {
    answer = { status: 500, body: {} };
    const verifier = await verifierOf(ofUrl());
    const token = await tokens.of('ada', ['customer']);
    await expect(verifier.verify(token)).rejects.toMatchObject({ transient: true });
    answer = { status: 200, body: tokens.keys };
    expect(await verifier.verify(token)).toMatchObject({ customerId: 'ada' });
  });

  it('that goes away takes nothing from the tokens that it has verified, and is not asked with each of them', async () => {
    const verifier = await verifierOf(ofUrl());
    const start = Date.now();
    const token = await tokens.of('ada', ['customer'], { exp: start / 1_000 + 3_600 });
    await verifier.verify(token);
    const asked = jest.fn();
    server.on('request', asked);
    answer = { status: 500, body: {} };
    let now = start + 600_000;
    // It goes on with each reading, or `eventually` would never give up; the pause until the next question is longer.
    jest.spyOn(Date, 'now').mockImplementation(() => (now += 10));
    try {
      await eventually(async () => {
        await verifier.verify(token);
        expect(asked).toHaveBeenCalled();
      }, 3_000);
      for (const _time of [1, 2, 3]) await verifier.verify(token);
      expect(asked).toHaveBeenCalledTimes(1);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('that turns out to hold a development key verifies nothing in production', async () => {
    const development = await TestTokens.create('development-0a1b2c3d');
    answer.status = 500;
    const verifier = await verifierOf(ofUrl({ NODE_ENV: 'production' }));
    answer = { status: 200, body: development.keys };
    await expect(verifier.verify(await development.of('eve', ['admin']))).rejects.toMatchObject({ transient: true });
    expect(await lineOf(ofUrl({ NODE_ENV: 'production' }))).toContain('development-0a1b2c3d');
  });
});
