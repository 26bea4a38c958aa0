import { Problem } from '@orderflow/http';
import { IdempotencyKeyReused, UnknownOrder } from '../domain/order.js';
import { LineRefused } from '../domain/price-list.js';

export const orderNotFound = (): Problem => new Problem(404, 'not-found', 'There is no such order.');

/** Says a refusal in the words of HTTP. What is not known here goes on as it is: any other broken rule is a 409. */
export function refuse(error: unknown): never {
  if (error instanceof UnknownOrder) throw orderNotFound();
  if (error instanceof IdempotencyKeyReused) {
    throw new Problem(422, error.rule, 'This Idempotency-Key was sent before with another body.');
  }
  if (error instanceof LineRefused) {
    throw new Problem(422, error.rule, 'The order holds a line that cannot be priced.', {
      errors: [{ field: `lines[${error.index}].sku`, message: error.message }],
    });
  }
  throw error;
}
