import { type AuthEnv, StartError } from '@orderflow/config';
import { keySetOf, type KeySetOptions } from './key-set.js';
import { TokenVerifier } from './token-verifier.js';

/** How a program knows its callers; `off`: every caller may do everything. */
export type Authentication = TokenVerifier | 'off';

/**
 * The authentication that the settings ask for. A provider that cannot be reached does not stop the start: requests that need it are
 * answered with 503 until it can.
 * @throws StartError unless exactly one of AUTH_JWKS_URL, AUTH_JWKS_FILE and AUTH=off is set, and for keys that must not be used
 */
export async function authenticationOf(env: AuthEnv): Promise<Authentication> {
  const location = locationOf(env);
  if (location === 'off') return 'off';
  const developmentKeys = env.NODE_ENV !== 'production' || env.AUTH_DEVELOPMENT_KEY === 'allowed';
  const keys = keySetOf({ ...location, developmentKeys });
  await keys.reload().catch((error: unknown) => {
    if (error instanceof StartError) throw error;
    if ('file' in location.location) throw new StartError(`AUTH_JWKS_FILE cannot be read: ${messageOf(error)}`);
  });
  return new TokenVerifier(keys, { issuer: env.AUTH_ISSUER, audience: env.AUTH_AUDIENCE });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function locationOf(env: AuthEnv): Pick<KeySetOptions, 'variable' | 'location'> | 'off' {
  const { AUTH, AUTH_JWKS_URL: url, AUTH_JWKS_FILE: file } = env;
  const set = [AUTH === 'off' && 'AUTH=off', url && 'AUTH_JWKS_URL', file && 'AUTH_JWKS_FILE'].filter(Boolean);
  // guard: auth: exactly one way to know callers is set
  if (set.length > 1)
    throw new StartError(`${set.join(' and ')} exclude each other: set one of them; see .env.example`);
  if (url) return { variable: 'AUTH_JWKS_URL', location: { url } };
  if (file) return { variable: 'AUTH_JWKS_FILE', location: { file } };
  if (AUTH === 'off') return 'off';
  throw new StartError(
    'AUTH_JWKS_URL is not set: set it or AUTH_JWKS_FILE to the public keys of your tokens, or AUTH=off where everybody may do everything; see .env.example',
  );
}
