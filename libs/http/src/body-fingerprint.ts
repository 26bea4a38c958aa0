import { createHash } from 'node:crypto';

/**
 * A fingerprint of a body, independent of the order of its keys: base64url of a SHA-256 over the canonical JSON. It
 * distinguishes a repeated request from another request with the same idempotency key.
 */
export function bodyFingerprint(body: unknown): string {
  return createHash('sha256').update(canonical(body)).digest('base64url');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
