import { type Role, TokenVerifier } from '@orderflow/auth';
import { createLocalJWKSet, exportJWK, type CryptoKey, generateKeyPair, type JWK, SignJWT } from 'jose';

type Claims = Readonly<Record<string, unknown>>;

/** An identity provider of a test: a key pair, and the tokens that it signs. */
export class TestTokens {
  private constructor(
    /** Its key set. */
    readonly keys: { readonly keys: JWK[] },
    private readonly privateKey: CryptoKey,
  ) {}

  static async create(kid = 'test'): Promise<TestTokens> {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA');
    return new TestTokens({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' }] }, privateKey);
  }

  /** Accepts its tokens. */
  get verifier(): TokenVerifier {
    return new TokenVerifier(createLocalJWKSet(this.keys), { issuer: 'orderflow', audience: 'orderflow' });
  }

  /** A token that is valid for ten minutes. @param claims replace the usual ones; an undefined one is left out */
  of(sub: string, roles: readonly Role[], claims: Claims = {}, header: { kid?: string } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const usual = { iss: 'orderflow', aud: 'orderflow', sub, roles, iat: now, exp: now + 600 };
    const { kid } = this.keys.keys[0]!;
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: 'EdDSA', ...(kid !== undefined && { kid }), ...header })
      .sign(this.privateKey);
  }
}
