import { type CryptoKey, EncryptJWT, importJWK } from 'jose';
import type { PublicKey } from './keys.js';

/** The one algorithm of this library: ephemeral X25519 key agreement (RFC 8037) and AES-256-GCM. */
export const ALGORITHM = { alg: 'ECDH-ES', enc: 'A256GCM' } as const;

/** Encrypts fields of events for the holder of the private key. */
export class FieldEncrypter {
  private readonly kid: string;
  private readonly key: Promise<CryptoKey>;

  constructor(key: PublicKey) {
    this.kid = key.kid;
    this.key = importJWK(key, ALGORITHM.alg) as Promise<CryptoKey>;
    // It rejects for a key that is no point of the curve; `encrypt` then throws that error.
    this.key.catch(() => undefined);
  }

  /**
   * @param subject that the field belongs to, such as an order id: the field cannot be moved to another subject
   * @returns a compact JWE (RFC 7516), about 300 characters for a short value; another one at each call
   */
  async encrypt(value: string, subject: string): Promise<string> {
    return new EncryptJWT({ value })
      .setSubject(subject)
      .setProtectedHeader({ ...ALGORITHM, kid: this.kid })
      .encrypt(await this.key);
  }
}
