import { resolve } from 'node:path';
import type { JWK } from 'jose';
import { SetupError } from '../process/setup-error.js';
import { keptTokenKeys } from './token-keys.js';

/** How the programs of a system know their callers: not at all, or by the keys that sign tokens. */
export type Auth = 'off' | { readonly keySetFile: string } | { readonly keySetUrl: string };

/** The variables of a program. None of this process's own reaches it beside them. */
export function authEnv(auth: Auth): NodeJS.ProcessEnv {
  const none = { AUTH: undefined, AUTH_JWKS_FILE: undefined, AUTH_JWKS_URL: undefined };
  if (auth === 'off') return { ...none, AUTH: 'off' };
  return 'keySetFile' in auth
    ? { ...none, AUTH_JWKS_FILE: auth.keySetFile }
    : { ...none, AUTH_JWKS_URL: auth.keySetUrl };
}

/** How the environment wants callers to be known, for a system on this machine. */
export interface ConfiguredAuth {
  readonly auth: Auth;
  /** Signs tokens, where the keys are those that this machine has made. */
  readonly tokenKey?: JWK;
}

/**
 * Reads AUTH, AUTH_JWKS_URL and AUTH_JWKS_FILE. AUTH=on without keys of an identity provider makes keys, once, in `dir`.
 * @throws SetupError when they contradict each other
 */
export async function configuredAuth(dir: string): Promise<ConfiguredAuth> {
  const { AUTH: auth = '', AUTH_JWKS_URL: keySetUrl = '', AUTH_JWKS_FILE: file = '' } = process.env;
  const named = [keySetUrl, file].filter((value) => value !== '').length;
  if (!['', 'on', 'off'].includes(auth)) throw new SetupError('AUTH is on or off: correct or unset it.');
  if (named > 1 || (auth === 'off' && named > 0))
    throw new SetupError('AUTH=off, AUTH_JWKS_URL and AUTH_JWKS_FILE exclude each other: set one of them.');
  if (keySetUrl !== '') return { auth: { keySetUrl } };
  if (file !== '') return { auth: { keySetFile: resolve(file) } };
  if (auth !== 'on') return { auth: 'off' };
  const { keySetFile, privateKey } = await keptTokenKeys(dir);
  return { auth: { keySetFile }, tokenKey: privateKey };
}
