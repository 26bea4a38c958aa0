import { Problem } from '@orderflow/http';
import { IdempotencyKeyReused, UnknownOrder } from '../domain/decide.js';
import { LineRefused } from '../domain/price-list.js';

export const orderNotFound = (): Problem => new Problem(404, 'not-found', 'There is no such order.');

/** Throws the HTTP problem of a refused command. Other broken rules pass through and become a 409. */
export function refuse(error: unknown): never {
  if (error instanceof UnknownOrder) throw orderNotFound();
  if (error instanceof IdempotencyKeyReused) {
    throw new Problem(422, error.rule, 'This Idempotency-Key was used before with another body.');
  }
  if (error instanceof LineRefused) {
    throw new Problem(422, error.rule, 'A line of the order cannot be priced.', {
      errors: [{ field: `lines[${error.index}].sku`, message: error.message }],
    });
  }
  throw error;
}
