import { type CryptoKey, decodeProtectedHeader, importJWK, jwtDecrypt } from 'jose';
import { ALGORITHM } from './field-encrypter.js';
import type { PrivateKey } from './keys.js';

/** The field is damaged, or was encrypted for another subject: no key makes it readable. */
export class UnreadableField extends Error {
  override readonly name = 'UnreadableField';
}

/** The field is encrypted for a key that this service does not hold. It is readable once the key is added. */
export class UnknownKey extends Error {
  override readonly name = 'UnknownKey';
}

/** Whether a field is written as the encrypter writes it: five parts, separated by dots. */
export const isEncrypted = (field: string): boolean => field.split('.').length === 5;

/** Decrypts fields of events. It holds several keys while they are rotated; a field names the one it was encrypted for. */
export class FieldDecrypter {
  private readonly keys: ReadonlyMap<string, Promise<CryptoKey>>;

  constructor(keys: readonly PrivateKey[]) {
    this.keys = new Map(keys.map((key) => [key.kid, importJWK(key, ALGORITHM.alg) as Promise<CryptoKey>]));
    // Rejected for a key that is not on the curve, before anything awaits it: `decrypt` awaits it and throws that error.
    for (const key of this.keys.values()) key.catch(() => undefined);
  }

  /**
   * Checks without decrypting that a field is a JWE for one of the keys.
   * @throws UnreadableField, UnknownKey
   */
  demandKey(field: string): void {
    // The promise of the key is not awaited: only whether it is held counts here.
    void this.keyOf(headerOf(field));
  }

  /**
   * @param subject as given to the encrypter
   * @throws UnreadableField, UnknownKey
   */
  async decrypt(field: string, subject: string): Promise<string> {
    const key = await this.keyOf(headerOf(field));
    const options = {
      subject,
      keyManagementAlgorithms: [ALGORITHM.alg],
      contentEncryptionAlgorithms: [ALGORITHM.enc],
    };
    try {
      const { payload } = await jwtDecrypt<{ value?: unknown }>(field, key, options);
      if (typeof payload.value === 'string') return payload.value;
    } catch (cause) {
      throw new UnreadableField('the field cannot be decrypted: it is damaged or belongs to another subject', {
        cause,
      });
    }
    throw new UnreadableField('the decrypted field has no value');
  }

  private keyOf({ kid }: { kid?: unknown }): Promise<CryptoKey> {
    if (typeof kid !== 'string') throw new UnreadableField('the field does not name its key');
    const key = this.keys.get(kid);
    if (key) return key;
    throw new UnknownKey(
      `no private key ${JSON.stringify(kid.slice(0, 32))} is held, for which the field is encrypted`,
    );
  }
}

function headerOf(field: string): { kid?: unknown } {
  try {
    if (isEncrypted(field)) return decodeProtectedHeader(field);
  } catch (cause) {
    throw new UnreadableField('the field has no readable header', { cause });
  }
  throw new UnreadableField('the field is not a compact JWE');
}
