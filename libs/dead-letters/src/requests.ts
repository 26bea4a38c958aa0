import { pageQuery, text } from '@orderflow/http';
import { z } from 'zod';

/** Ids are those of the rows: they grow, and each service has its own. */
export const parkedId = z.string().regex(/^[1-9]\d{0,17}$/, { error: 'must be the id of a letter, such as 12' });

const MAX_SECONDS = 1_000_000_000;
const secondsInQuery = z
  .string()
  .regex(/^\d{1,9}$/, { error: 'must be a whole number of seconds' })
  .transform(Number);

const by = {
  orderId: text(256).exactOptional().describe('What it is about: an order, or a SKU'),
  type: text(256).exactOptional().describe('Event type, as its header says'),
  reason: text(200).exactOptional().describe('A part of why it is parked, in capitals or not'),
  consumer: text(100).exactOptional().describe('Consumer group, such as orders.views'),
};

export const listQuery = pageQuery.extend({
  after: parkedId.exactOptional(),
  ...by,
  state: z
    .enum(['retrying', 'dead', 'waiting', 'discarded'])
    .exactOptional()
    .describe('Without it: all that is not discarded'),
  olderThanSeconds: secondsInQuery.exactOptional().describe('Parked before that'),
  youngerThanSeconds: secondsInQuery.exactOptional().describe('Parked since then'),
});

export type ListQuery = z.output<typeof listQuery>;

export const actionsQuery = pageQuery.extend({ after: parkedId.exactOptional() });

export type ActionsQuery = z.output<typeof actionsQuery>;

// A body is not needed: without one it is tried.
export const retryOneBody = z
  .strictObject({ dryRun: z.boolean().default(false) })
  .nullish()
  .transform((body) => body ?? { dryRun: false })
  .meta({ id: 'RetryLetter' });

export type RetryOneBody = z.output<typeof retryOneBody>;

export const retryManyBody = z
  .strictObject({
    filter: z
      .strictObject({
        ...by,
        state: z.enum(['dead', 'retrying']).default('dead').describe('retrying: do not wait for the next attempt'),
        olderThanSeconds: z.int().min(0).max(MAX_SECONDS).exactOptional(),
        youngerThanSeconds: z.int().min(0).max(MAX_SECONDS).exactOptional(),
      })
      .describe('Which letters; {} is all dead ones'),
    ratePerSecond: z.number().min(0.01).max(100).default(10).describe('So many queues a second'),
    limit: z.int().min(1).max(500).default(100).describe('At most so many queues, the oldest ones'),
    dryRun: z.boolean().default(false).describe('Only say what would happen'),
  })
  .meta({ id: 'RetryLetters' });

export type RetryManyBody = z.output<typeof retryManyBody>;

export const discardBody = z.strictObject({ reason: text(500) }).meta({ id: 'DiscardLetter' });

export type DiscardBody = z.output<typeof discardBody>;
