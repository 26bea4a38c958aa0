import { createHmac } from 'node:crypto';
import { stringify, v7 as uuidv7 } from 'uuid';

/**
 * The id of the order that a request places. The same key of the same customer always gives the same id, so that a repeated
 * request finds its order without a table of keys. It is a UUIDv8 of an HMAC: without the secret it cannot be guessed from
 * key and customer.
 */
export function orderIdFor(idempotencyKey: string | undefined, customerId: string, secret: string): string {
  // guard: orders: the same Idempotency-Key is the same order
  if (idempotencyKey === undefined) return uuidv7();
  // guard: orders: an Idempotency-Key belongs to its customer
  const scope = ['POST /orders', customerId, idempotencyKey];
  return uuidv8(createHmac('sha256', secret).update(JSON.stringify(scope)).digest());
}

/** RFC 9562, section 5.8: all bits but version and variant are free. */
function uuidv8(hash: Uint8Array): string {
  const bytes = hash.slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return stringify(bytes);
}
