import { errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { type Caller, callerOf } from './caller.js';

/** Signatures by a private key alone: with a shared secret every service could make tokens. */
const ALGORITHMS = ['EdDSA', 'ES256', 'RS256', 'PS256'];
const CLOCK_TOLERANCE_SECONDS = 5;

/** Longer tokens are verified each time. */
const MOST_CACHED_LENGTH = 4_096;

/** No token, or one that is not valid. The reason is for the log, not for the caller. */
export class Unauthenticated extends Error {
  override name = 'Unauthenticated';
}

/** The keys that tokens are verified with cannot be read: the caller may try again. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
  readonly transient = true;
}

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
}

/** Finds the key that a token names. */
export interface Keys extends JWTVerifyGetKey {
  /** Another number once the set has changed, which it then reads again by itself. Without it the set never changes. */
  readonly version?: () => number;
}

interface Verified {
  readonly caller: Caller;
  /** Of the keys that have verified it. */
  readonly version: number | undefined;
  /** Ms since 1970. */
  readonly until: number;
}

/** Verifies JSON Web Tokens (RFC 7519, RFC 8725). */
export class TokenVerifier {
  // A signature costs more than all else of a request, and the same token comes with each of them.
  private readonly verified = new Map<string, Verified>();
  private readonly rules: JWTVerifyOptions;

  constructor(
    private readonly keys: Keys,
    { issuer, audience }: TokenRules,
    private readonly mostCached = 4_000,
  ) {
    this.rules = {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    };
  }

  /**
   * @param token compact serialization; undefined for a request without one
   * @param now ms since 1970
   * @throws Unauthenticated when it is missing or not valid now, KeysUnavailable
   */
  async verify(token: string | undefined, now = Date.now()): Promise<Caller> {
    if (token === undefined) throw new Unauthenticated('no bearer token');
    // Before the check: a set that changes during it may lack the key that was found.
    const version = this.keys.version?.();
    const known = this.verified.get(token);
    const isOfTheseKeys = known?.version === version;
    // guard: auth: a verified token is used until it expires
    if (known && isOfTheseKeys && now < known.until) return known.caller;
    this.verified.delete(token);
    const fresh = await this.check(token, now);
    this.keep(token, { ...fresh, version });
    return fresh.caller;
  }

  private async check(token: string, now: number): Promise<Omit<Verified, 'version'>> {
    const { payload } = await jwtVerify(token, this.keyOf, { ...this.rules, currentDate: new Date(now) }).catch(refuse);
    const caller = callerOf(payload, token);
    if (!caller) throw new Unauthenticated('the claim sub cannot name a caller');
    // The rules require `exp`.
    return { caller, until: (payload.exp! + CLOCK_TOLERANCE_SECONDS) * 1_000 };
  }

  private readonly keyOf: JWTVerifyGetKey = async (header, jws) => {
    try {
      return await this.keys(header, jws);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      throw new KeysUnavailable('the keys of tokens cannot be read', { cause: error });
    }
  };

  private keep(token: string, verified: Verified): void {
    if (token.length > MOST_CACHED_LENGTH) return;
    // guard: auth: the cache of tokens is bounded
    if (this.verified.size >= this.mostCached) this.verified.delete(this.verified.keys().next().value!);
    this.verified.set(token, verified);
  }
}

function refuse(error: unknown): never {
  if (error instanceof KeysUnavailable) throw error;
  throw new Unauthenticated(error instanceof Error ? error.message : 'not valid', { cause: error });
}
