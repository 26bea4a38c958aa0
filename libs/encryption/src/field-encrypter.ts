import {
  createCipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { PublicKey } from './keys.js';

/** The one algorithm of this library: ephemeral X25519 key agreement (RFC 8037) and AES-256-GCM. */
export const ALGORITHM = { alg: 'ECDH-ES', enc: 'A256GCM' } as const;

const IV_BYTES = 12;

/**
 * Encrypts fields of events for the holder of the private key. It writes what `jose` reads, by the primitives of `node:crypto`:
 * `jose` takes twice the CPU for it, at each request, since each of its steps goes through a thread of WebCrypto.
 */
export class FieldEncrypter {
  private readonly kid: string;
  private readonly key: KeyObject;

  constructor({ kid, ...jwk }: PublicKey) {
    this.kid = kid;
    this.key = createPublicKey({ key: jwk, format: 'jwk' });
  }

  /**
   * @param subject that the field belongs to, such as an order id: the field cannot be moved to another subject
   * @returns a compact JWE (RFC 7516), about 300 characters for a short value; another one at each call
   * @throws Error for a key of low order, with which every secret would be the same
   */
  encrypt(value: string, subject: string): string {
    // RFC 7518, 4.6: a new ephemeral key for each key agreement.
    const ephemeral = generateKeyPairSync('x25519');
    const { kty, crv, x } = ephemeral.publicKey.export({ format: 'jwk' });
    const header = base64url(JSON.stringify({ ...ALGORITHM, kid: this.kid, epk: { kty, crv, x } }));
    const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: this.key });
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', contentKeyOf(secret), iv).setAAD(Buffer.from(header, 'ascii'));
    const text = Buffer.concat([cipher.update(JSON.stringify({ value, sub: subject }), 'utf8'), cipher.final()]);
    // The second part is the encrypted key: with direct key agreement there is none.
    return [header, '', base64url(iv), base64url(text), base64url(cipher.getAuthTag())].join('.');
  }
}

/** The Concat KDF of RFC 7518, 4.6.2, whose 256 bits are one round of SHA-256. */
const contentKeyOf = (secret: Buffer): Buffer =>
  createHash('sha256').update(ROUND).update(secret).update(INFO).digest();

const ROUND = uint32(1);
const NOBODY = uint32(0);
// The algorithm with its length, neither party named, and the length of the key in bits.
const INFO = Buffer.concat([uint32(ALGORITHM.enc.length), Buffer.from(ALGORITHM.enc), NOBODY, NOBODY, uint32(256)]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const base64url = (data: string | Buffer): string => Buffer.from(data as string).toString('base64url');
