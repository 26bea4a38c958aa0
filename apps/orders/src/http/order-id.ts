import { createHash } from 'node:crypto';
import { Problem } from '@orderflow/http';
import { stringify, v7 as uuidv7 } from 'uuid';

const PRINTABLE = /^[\x20-\x7e]{1,255}$/;
const RULE = 'must be 1 to 255 printable ASCII characters';

/**
 * The id of the order that a request places. The same key always gives the same id (a UUIDv8 of the key's SHA-256), so
 * that a repeated request finds its order without a table of keys.
 */
export function orderIdFor(idempotencyKey: string | undefined): string {
  // guard: orders: the same Idempotency-Key is the same order
  if (idempotencyKey === undefined) return uuidv7();
  if (PRINTABLE.test(idempotencyKey)) return uuidv8(createHash('sha256').update(idempotencyKey).digest());
  throw new Problem(400, 'validation', `The header Idempotency-Key ${RULE}.`, {
    errors: [{ field: 'Idempotency-Key', message: RULE }],
  });
}

/** RFC 9562, section 5.8: all bits but version and variant are free. */
function uuidv8(hash: Uint8Array): string {
  const bytes = hash.slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return stringify(bytes);
}
