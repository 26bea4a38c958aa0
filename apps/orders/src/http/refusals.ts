import { RecordTooLarge } from '@orderflow/durable';
import { Problem } from '@orderflow/http';
import { IdempotencyKeyReused, UnknownOrder } from '../domain/decide.js';
import { LineRefused, TotalDiffers, TotalTooLarge } from '../domain/price-list.js';

export const orderNotFound = (): Problem => new Problem(404, 'not-found', 'There is no such order.');

export function orderNotYet(since: Date): Problem {
  const existsSince = since.toISOString();
  return new Problem(404, 'not-found', `The order came to be at ${existsSince}.`, { members: { existsSince } });
}

/** @param retryAfterSeconds until the order may be accepted */
export const backlogged = (retryAfterSeconds: number): Problem =>
  new Problem(503, 'backlog', 'More orders are pending than can be decided in time.', { retryAfterSeconds });

/**
 * Throws the HTTP problem of a refused command. Other broken rules pass through and become a 409.
 * @param currency of the totals
 */
export const refuse =
  (currency?: string) =>
  (error: unknown): never => {
    if (error instanceof UnknownOrder) throw orderNotFound();
    if (error instanceof IdempotencyKeyReused) {
      throw new Problem(422, error.rule, 'This Idempotency-Key was used before with another body.');
    }
    if (error instanceof LineRefused) {
      throw new Problem(422, error.rule, 'A line of the order cannot be priced.', {
        errors: [{ field: `lines[${error.index}].sku`, message: error.message }],
      });
    }
    if (error instanceof TotalDiffers) {
      const { expectedTotalMinor, totalMinor } = error;
      const members = { expectedTotalMinor, totalMinor, currency };
      throw new Problem(409, error.rule, `The order would cost ${totalMinor}, not ${expectedTotalMinor}.`, { members });
    }
    if (error instanceof TotalTooLarge) {
      const { totalMinor, mostTotalMinor } = error;
      const members = { totalMinor, mostTotalMinor, currency };
      throw new Problem(422, error.rule, `The total is ${totalMinor}, at most ${mostTotalMinor} can be charged.`, {
        members,
      });
    }
    if (error instanceof RecordTooLarge) {
      const { bytes, mostBytes } = error;
      const members = { bytes, mostBytes };
      throw new Problem(
        422,
        error.rule,
        `The order has ${bytes} bytes as an event, at most ${mostBytes} are possible.`,
        { members },
      );
    }
    throw error;
  };
