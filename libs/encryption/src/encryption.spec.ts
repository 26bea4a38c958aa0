import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeProtectedHeader, importJWK, jwtDecrypt } from 'jose';
import { z } from 'zod';
import {
  FieldDecrypter,
  FieldEncrypter,
  isEncrypted,
  newKeyPair,
  privateKeysSetting,
  publicKeySetting,
  UnknownKey,
  UnreadableField,
} from './index.js';

const [old, current] = await Promise.all([newKeyPair(), newKeyPair()]);
const encrypter = new FieldEncrypter(current.publicKey);
const decrypter = new FieldDecrypter([current.privateKey, old.privateKey]);

/** The field with one character of a part replaced. */
function damaged(field: string, part: number): string {
  const parts = field.split('.');
  const text = parts[part]!;
  const at = Math.floor(text.length / 2);
  parts[part] = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  return parts.join('.');
}

describe('an encrypted field', () => {
  it('is readable for the holder of the private key, and looks different each time', async () => {
    const [one, two] = [encrypter.encrypt('tok_visa', 'o-1'), encrypter.encrypt('tok_visa', 'o-1')];
    expect(one).not.toBe(two);
    for (const field of [one, two]) {
      expect(isEncrypted(field)).toBe(true);
      expect(Buffer.from(field, 'base64url').toString('latin1')).not.toContain('tok_visa');
      expect(await decrypter.decrypt(field, 'o-1')).toBe('tok_visa');
    }
  });

  it('names its algorithms and its key, and nothing else that is not random', () => {
    const header = decodeProtectedHeader(encrypter.encrypt('tok_visa', 'o-1'));
    expect(header).toEqual({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      kid: current.publicKey.kid,
      epk: { kty: 'OKP', crv: 'X25519', x: expect.any(String) },
    });
  });

  it('stays within 512 characters for a token of 64 and an order id', () => {
    const field = encrypter.encrypt('t'.repeat(64), '00000000-0000-4000-8000-000000000000');
    expect(field.length).toBeLessThan(512);
  });

  it('is readable by its standards: its claims are those of a JWT, whatever its characters', async () => {
    const key = await importJWK(current.privateKey, 'ECDH-ES');
    for (const value of ['', 'tok_visa', 'ﬁ "\\ \u0000 😀'.repeat(9)]) {
      const { payload } = await jwtDecrypt(encrypter.encrypt(value, 'o-1'), key);
      expect(payload).toEqual({ value, sub: 'o-1' });
    }
  });

  it('is never made for a key with which every secret would be the same', () => {
    const lowOrder = { ...current.publicKey, x: 'A'.repeat(43) };
    expect(() => new FieldEncrypter(lowOrder).encrypt('tok_visa', 'o-1')).toThrow('failed during derivation');
  });

  it('of an earlier key is readable while that key is held', async () => {
    const field = new FieldEncrypter(old.publicKey).encrypt('tok_visa', 'o-1');
    expect(await decrypter.decrypt(field, 'o-1')).toBe('tok_visa');
  });

  it('of a key that is not held is refused before it is decrypted, by the name of the key', async () => {
    const field = new FieldEncrypter(old.publicKey).encrypt('tok_visa', 'o-1');
    const retired = new FieldDecrypter([current.privateKey]);
    expect(() => retired.demandKey(field)).toThrow(UnknownKey);
    await expect(retired.decrypt(field, 'o-1')).rejects.toThrow(`no private key "${old.publicKey.kid}" is held`);
  });

  it('cannot be moved to another subject', async () => {
    const field = encrypter.encrypt('tok_visa', 'o-1');
    await expect(decrypter.decrypt(field, 'o-2')).rejects.toThrow(UnreadableField);
  });

  it.each([0, 2, 3, 4])('is refused when its part %i is damaged', async (part) => {
    const field = damaged(encrypter.encrypt('tok_visa', 'o-1'), part);
    await expect(decrypter.decrypt(field, 'o-1')).rejects.toThrow(/field/);
  });

  it.each(['', 'tok_visa', '....', 'a.b.c.d.e', `${Buffer.from('{}').toString('base64url')}.a.b.c.d`])(
    'is refused when it is no JWE: %j',
    async (field) => {
      expect(() => decrypter.demandKey(field)).toThrow(UnreadableField);
      await expect(decrypter.decrypt(field, 'o-1')).rejects.toThrow(UnreadableField);
    },
  );

  it('that was stored by an earlier version of this library is still readable', async () => {
    const path = join(import.meta.dirname, '../test/golden/field.json');
    const { keys, field, subject, value } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
    const held = z.object({ KEYS: privateKeysSetting }).parse({ KEYS: JSON.stringify(keys) }).KEYS;
    expect(await new FieldDecrypter(held).decrypt(field!, subject!)).toBe(value);
  });
});

describe('the settings of the keys', () => {
  const { publicKey, privateKey } = current;
  const valid = (schema: z.ZodType, value: unknown) =>
    schema.safeParse(typeof value === 'string' ? value : JSON.stringify(value)).success;

  it('take the keys as JSON', () => {
    expect(publicKeySetting.parse(JSON.stringify(publicKey))).toEqual(publicKey);
    expect(privateKeysSetting.parse(JSON.stringify({ keys: [privateKey, old.privateKey] }))).toHaveLength(2);
  });

  it('refuse a private key where the public one belongs', () => {
    expect(valid(publicKeySetting, privateKey)).toBe(false);
  });

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no kid', { ...publicKey, kid: undefined }],
    ['another curve', { ...publicKey, crv: 'P-256' }],
    ['a short key', { ...publicKey, x: 'AA' }],
  ])('refuse a public key with %s', (_what, value) => {
    expect(valid(publicKeySetting, value)).toBe(false);
  });

  it.each<[string, unknown]>([
    ['no key', { keys: [] }],
    ['a public key', { keys: [publicKey] }],
    ['two keys of one id', { keys: [privateKey, privateKey] }],
  ])('refuse a set with %s', (_what, value) => {
    expect(valid(privateKeysSetting, value)).toBe(false);
  });

  it('name the remedy, and not the value', () => {
    const [issue] = privateKeysSetting.safeParse(JSON.stringify(privateKey)).error!.issues;
    expect(issue!.message).toContain('npx orderflow secrets');
    expect(issue!.message).not.toContain(privateKey.d);
  });
});
