import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';

// 32 bytes as base64url.
const bytes = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const publicKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('X25519'),
  x: bytes,
  kid: z.string().regex(/^[A-Za-z0-9_.-]{1,32}$/),
});

const privateKey = publicKey.extend({ d: bytes });

/** A JWK of RFC 8037 with a key id. */
export type PublicKey = z.output<typeof publicKey>;
export type PrivateKey = z.output<typeof privateKey>;

const REMEDY = 'run "npx orderflow secrets" to make one';

/** The text of an environment variable -> a public JWK. A private key is refused. */
export const publicKeySetting = jsonSetting(publicKey, `must be a public X25519 key as a JWK with a kid; ${REMEDY}`);

/** The text of an environment variable -> the private JWKs of a JWK set, `{"keys":[...]}`, each with a kid of its own. */
export const privateKeysSetting = jsonSetting(
  z
    .strictObject({ keys: z.array(privateKey).min(1).max(16) })
    .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length)
    .transform(({ keys }) => keys),
  `must be a JWK set of private X25519 keys with different kids; ${REMEDY}`,
);

function jsonSetting<Output>(schema: z.ZodType<Output>, error: string): z.ZodType<Output, string | undefined> {
  return z.string({ error }).transform((text, context) => {
    const parsed = schema.safeParse(valueOf(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: error });
    return z.NEVER;
  }) as z.ZodType<Output, string | undefined>;
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The schema refuses it. The message of JSON.parse would show a piece of the key.
    return undefined;
  }
}

/** A new X25519 key pair. Its key id is the beginning of the public key's thumbprint (RFC 7638). */
export async function newKeyPair(): Promise<{ publicKey: PublicKey; privateKey: PrivateKey }> {
  const pair = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  const kid = (await calculateJwkThumbprint(jwk)).slice(0, 8);
  const { kty, crv, x, d } = privateKey.parse({ ...jwk, kid });
  return { publicKey: { kty, crv, x, kid }, privateKey: { kty, crv, x, d, kid } };
}
