import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose';
import { SetupError } from '../process/setup-error.js';

const KEY = 'token-key.json';
const KEY_SET = 'jwks.json';

/** An Ed25519 pair (RFC 8037) that signs the tokens of a development system, which has no identity provider. */
export interface TokenKeys {
  /** With a `kid` that begins with `development-`: in production the services refuse such a key. */
  readonly privateKey: JWK;
  /** The JWK set with its public key, by which the services verify a token. */
  readonly keySet: JSONWebKeySet;
}

/** {@link TokenKeys} that are kept in files. */
export interface KeptTokenKeys extends TokenKeys {
  /** The file of the key set, for AUTH_JWKS_FILE. */
  readonly keySetFile: string;
}

/** The content of a token. */
export interface TokenClaims {
  /** The customer's id, or the name of an operator in the log of actions. */
  readonly subject: string;
  readonly role: 'customer' | 'operator' | 'admin' | 'monitor';
  /** Until it expires; negative for one that has expired. */
  readonly minutes: number;
}

const keySetOf = ({ d: _private, ...publicKey }: JWK): JSONWebKeySet => ({ keys: [publicKey] });

export async function newTokenKeys(): Promise<TokenKeys> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  const thumbprint = Buffer.from(await calculateJwkThumbprint(jwk), 'base64url').toString('hex');
  const privateKey = { ...jwk, alg: 'EdDSA', use: 'sig', kid: `development-${thumbprint.slice(0, 8)}` };
  return { privateKey, keySet: keySetOf(privateKey) };
}

/** The private key that {@link keptTokenKeys} has made in `dir`. @throws SetupError when there is none */
export async function tokenKeyIn(dir: string): Promise<JWK> {
  const file = join(dir, KEY);
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as JWK;
  throw new SetupError(`There is no key for tokens (${file}): start the system with "AUTH=on npm start" first.`);
}

/**
 * The keys in `dir`, made at the first call.
 * @param mode of the file with the private key, by default for its owner alone
 */
export async function keptTokenKeys(dir: string, mode = 0o600): Promise<KeptTokenKeys> {
  if (!existsSync(join(dir, KEY))) {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, KEY), JSON.stringify((await newTokenKeys()).privateKey), { mode });
  }
  const privateKey = await tokenKeyIn(dir);
  const keySet = keySetOf(privateKey);
  const keySetFile = join(dir, KEY_SET);
  // At each call: an earlier one may have been killed between the two files.
  await writeFile(keySetFile, `${JSON.stringify(keySet)}\n`);
  return { privateKey, keySet, keySetFile };
}

/** A JWT for the services. Issuer and audience are those of AUTH_ISSUER and AUTH_AUDIENCE, by default `orderflow`. */
export async function signToken(key: JWK, { subject, role, minutes }: TokenClaims): Promise<string> {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = process.env;
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ roles: [role] })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: key.kid! })
    .setSubject(subject)
    .setIssuer(issuer || 'orderflow')
    .setAudience(audience || 'orderflow')
    .setIssuedAt(now)
    .setExpirationTime(now + Math.round(minutes * 60))
    .sign(await importJWK(key, 'EdDSA'));
}
