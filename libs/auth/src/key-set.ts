import { StartError } from '@orderflow/config';
import { createRemoteJWKSet, customFetch, type RemoteJWKSet } from 'jose';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Keys } from './token-verifier.js';

/** Key ids of the pair that `npm start` and compose make for themselves. */
const DEVELOPMENT = 'development-';

// RFC 7518, section 6: `d` stands in every private key, and `k` is a shared secret.
const publicKey = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  d: z.never().optional(),
  k: z.never().optional(),
});
const publicKeys = z.looseObject({ keys: z.array(publicKey).min(1).max(100) });

export interface KeySetOptions {
  /** The variable that names the set, for messages. */
  readonly variable: string;
  /** `http:` or `https:`, or the path of a file. */
  readonly location: { readonly url: string } | { readonly file: string };
  /** Whether keys of `npm start` and compose are as good as others. */
  readonly developmentKeys: boolean;
}

/**
 * The public keys of an identity provider (RFC 7517). They are read again after ten minutes, and when a token names a key that is
 * unknown: from a file at most every 5 s, from a URL at most every 30 s. While they cannot be read, the last ones count for tokens
 * that they have verified.
 * @throws StartError (also at any later reading) for a set without keys, with private ones, or with a forbidden development key
 */
export function keySetOf({ variable, location, developmentKeys }: KeySetOptions): RemoteJWKSet & Keys {
  const isFile = 'file' in location;
  const url = isFile ? pathToFileURL(location.file) : new URL(location.url);
  const pauseMs = isFile ? 5_000 : 30_000;
  let text = '';
  let version = 0;
  const keys = createRemoteJWKSet(url, {
    cooldownDuration: pauseMs,
    [customFetch]: async (address, options) => {
      const answer = isFile ? new Response(await readFile(location.file)) : await fetch(address, options);
      if (!answer.ok) throw new Error(`${address} answered with ${answer.status}`);
      const read = await answer.text();
      // Before it is judged: a set that has become unusable verifies nothing any more.
      if (read !== text) version++;
      text = read;
      return Response.json(usable(JSON.parse(read), variable, developmentKeys));
    },
  });
  let askedAt = -Infinity;
  const refresh = () => {
    if (keys.fresh || Date.now() < askedAt + pauseMs) return;
    askedAt = Date.now();
    // The last set counts meanwhile; the next token that has to be verified reports the failure.
    keys.reload().catch(() => undefined);
  };
  return Object.assign(keys, { version: () => (refresh(), version) });
}

function usable(json: unknown, variable: string, developmentKeys: boolean): unknown {
  const parsed = publicKeys.safeParse(json);
  if (!parsed.success) throw new StartError(`${variable} is no JWK set of public keys: see docs/security.md`);
  const ofDevelopment = parsed.data.keys.find(({ kid }) => kid?.startsWith(DEVELOPMENT));
  // guard: auth: a development key starts nothing in production
  if (ofDevelopment && !developmentKeys)
    throw new StartError(
      `${variable} holds the development key ${ofDevelopment.kid}: use keys of your own, or set AUTH_DEVELOPMENT_KEY=allowed where only this machine is reached`,
    );
  return parsed.data;
}
