import { z } from 'zod';
import { Problem } from './problem.js';

/** An instant of ISO 8601, in UTC or with its offset, in a query: a `Date`. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant of ISO 8601, such as 2026-11-30T15:15:00.000Z' })
  .transform((value) => new Date(value));

/** @throws Problem 422 for an instant that has not come yet, by the clock of this process */
export function refuseFuture(...instants: (Date | undefined)[]): void {
  const now = new Date();
  if (!instants.some((at) => at !== undefined && at > now)) return;
  const members = { now: now.toISOString() };
  throw new Problem(422, 'future', 'The instant is in the future: the log holds nothing of it yet.', { members });
}
