import { beforeAll, describe, expect, it } from '@jest/globals';
import { TestTokens } from '@orderflow/testing/tokens';
import {
  base64url,
  type CryptoKey,
  createLocalJWKSet,
  exportSPKI,
  importJWK,
  type JWTVerifyGetKey,
  SignJWT,
} from 'jose';
import { KeysUnavailable, TokenVerifier, Unauthenticated } from './token-verifier.js';

const rules = { issuer: 'orderflow', audience: 'orderflow' };
let tokens: TestTokens;
let verifier: TokenVerifier;
beforeAll(async () => {
  tokens = await TestTokens.create();
  verifier = fresh();
});

// Not the one of TestTokens: Stryker changes this copy of the class.
const fresh = () => new TokenVerifier(createLocalJWKSet(tokens.keys), rules);
const seconds = (text: string): number => Date.parse(text) / 1_000;
const noon = seconds('2026-11-01T12:00:00Z');
const at = (second: number): number => second * 1_000;
const ada = (claims: object = {}) => tokens.of('ada', ['customer'], { ...claims });

/** A verifier that counts how often it needs a key. */
function counting(mostCached?: number) {
  const local = createLocalJWKSet(tokens.keys);
  const asked = { times: 0 };
  const keys: JWTVerifyGetKey = (header, jws) => {
    asked.times++;
    return local(header, jws);
  };
  return { asked, counted: new TokenVerifier(keys, rules, mostCached) };
}

describe('a valid token', () => {
  it('names a customer by its subject', async () => {
    const token = await ada();
    expect(await verifier.verify(token)).toEqual({
      subject: 'ada',
      roles: ['customer'],
      customerId: 'ada',
      expiresAt: expect.any(Date),
      token,
    });
  });

  it.each([
    ['monitor', ['monitor']],
    ['operator', ['operator', 'monitor']],
    ['admin', ['admin', 'operator', 'monitor']],
  ] as const)('of the role %s has the roles that it includes', async (role, roles) => {
    const caller = await verifier.verify(await tokens.of('grace', [role]));
    expect([...caller.roles].toSorted()).toEqual([...roles].toSorted());
    expect(caller.customerId).toBeUndefined();
  });

  it.each([[undefined], ['admin'], [['root', 7, null]]])('whose roles are %j has none', async (roles) => {
    expect((await verifier.verify(await ada({ roles }))).roles).toEqual([]);
  });

  it('may be five seconds ahead or behind, and no more', async () => {
    const token = await ada({ nbf: noon, exp: noon + 60 });
    for (const now of [noon - 5, noon, noon + 64]) await fresh().verify(token, at(now));
    for (const now of [noon - 6, noon + 65])
      await expect(fresh().verify(token, at(now))).rejects.toThrow(Unauthenticated);
  });
});

describe('a request is not authenticated', () => {
  it.each<[string, object]>([
    ['of another issuer', { iss: 'other' }],
    ['for another audience', { aud: 'other' }],
    ['that has expired', { exp: seconds('2020-01-01T00:00:00Z') }],
    ['that is not valid yet', { nbf: seconds('2999-01-01T00:00:00Z') }],
    ['that never expires', { exp: undefined }],
    ['without a subject', { sub: undefined }],
    ['whose subject is too long for a record', { sub: 'x'.repeat(65) }],
    ['whose subject breaks a line', { sub: 'a\nb' }],
    ['of a customer whose subject is no customer id', { sub: 'a b' }],
  ])('by a token %s', async (_what, claims) => {
    await expect(verifier.verify(await ada(claims))).rejects.toThrow(Unauthenticated);
  });

  it('without a token, or by a text that is none', async () => {
    const token = await ada();
    for (const text of [
      undefined,
      '',
      'a.b.c',
      token.slice(0, -4),
      `${token}A`,
      token.split('.').slice(0, 2).join('.'),
    ])
      await expect(verifier.verify(text)).rejects.toThrow(Unauthenticated);
  });

  it('by a token whose claims were changed', async () => {
    const [header, , signature] = (await ada()).split('.');
    const claims = { ...rules, iss: 'orderflow', aud: 'orderflow', sub: 'bob', roles: ['admin'], exp: 9_999_999_999 };
    const forged = [header, base64url.encode(JSON.stringify(claims)), signature].join('.');
    await expect(verifier.verify(forged)).rejects.toThrow(Unauthenticated);
  });

  it('by a token without a signature', async () => {
    const [, claims] = (await ada()).split('.');
    const none = base64url.encode(JSON.stringify({ alg: 'none', kid: 'test' }));
    for (const signature of ['', 'AA'])
      await expect(verifier.verify(`${none}.${claims}.${signature}`)).rejects.toThrow(Unauthenticated);
  });

  it('by a token that is signed with the public key as a shared secret', async () => {
    const jwk = tokens.keys.keys[0]!;
    const pem = await exportSPKI((await importJWK(jwk, 'EdDSA')) as CryptoKey);
    for (const secret of [pem, JSON.stringify(jwk), jwk.x!]) {
      const signing = new SignJWT({ iss: 'orderflow', aud: 'orderflow', sub: 'ada', exp: 9_999_999_999 });
      const token = await signing
        .setProtectedHeader({ alg: 'HS256', kid: 'test' })
        .sign(new TextEncoder().encode(secret));
      await expect(verifier.verify(token)).rejects.toThrow(Unauthenticated);
    }
  });

  it('by a token of another key, under its own id or under the one of ours', async () => {
    const other = await TestTokens.create('other');
    for (const header of [{}, { kid: 'test' }])
      await expect(verifier.verify(await other.of('ada', ['admin'], {}, header))).rejects.toThrow(Unauthenticated);
  });
});

it('a failure to read the keys is not the fault of a token', async () => {
  const away = new TokenVerifier(() => Promise.reject(new Error('no answer')), rules);
  const failure = await away.verify(await ada()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(KeysUnavailable);
  expect(failure).toMatchObject({ transient: true, cause: new Error('no answer') });
});

describe('a token that was verified', () => {
  it('is not verified again', async () => {
    const { asked, counted } = counting();
    const token = await ada();
    const first = await counted.verify(token);
    expect(await counted.verify(token)).toBe(first);
    expect(asked.times).toBe(1);
  });

  // proves: auth: a verified token is used until it expires
  it('is refused from the second in which it expires', async () => {
    const { asked, counted } = counting();
    const token = await ada({ exp: noon });
    for (const now of [noon - 1, noon + 4]) await counted.verify(token, at(now));
    expect(asked.times).toBe(1);
    await expect(counted.verify(token, at(noon + 5))).rejects.toThrow(Unauthenticated);
    expect(asked.times).toBe(2);
  });

  // proves: auth: the cache of tokens is bounded
  it('is verified again once newer ones have taken its place', async () => {
    const { asked, counted } = counting(2);
    const [first, second, third] = await Promise.all(
      ['ada', 'bob', 'eve'].map((name) => tokens.of(name, ['customer'])),
    );
    for (const token of [first, second, third, third, second]) await counted.verify(token);
    expect(asked.times).toBe(3);
    await counted.verify(first);
    expect(asked.times).toBe(4);
  });

  it('is verified again once the keys have changed, also during its verification', async () => {
    const asked: number[] = [];
    const local = createLocalJWKSet(tokens.keys);
    let version = 1;
    const keys: JWTVerifyGetKey = (header, jws) => {
      // The first time, the set changes while the token is verified.
      if (asked.push(version) === 1) version++;
      return local(header, jws);
    };
    const changing = new TokenVerifier(Object.assign(keys, { version: () => version }), rules);
    const token = await ada();
    for (const _time of [1, 2, 3]) await changing.verify(token);
    expect(asked).toEqual([1, 2]);
    version++;
    for (const _time of [1, 2]) await changing.verify(token);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('is verified each time where it is very long', async () => {
    const { asked, counted } = counting();
    const token = await ada({ padding: 'x'.repeat(4_000) });
    for (const _time of [1, 2]) await counted.verify(token);
    expect(asked.times).toBe(2);
  });
});
