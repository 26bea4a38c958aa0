import { pageQuery, text, wholeNumber } from '@orderflow/http';
import { z } from 'zod';

/** Ids of rows: ascending, and each service has its own. */
export const parkedId = z.string().regex(/^[1-9]\d{0,17}$/, { error: 'must be the id of a parked event, such as 12' });

const MAX_SECONDS = 1_000_000_000;
const secondsInQuery = wholeNumber(0, MAX_SECONDS);

const by = {
  orderId: text(256).exactOptional().describe('The order or SKU that it is about'),
  type: text(256).exactOptional().describe('Event type, from the header'),
  reason: text(200).exactOptional().describe('A part of the reason, case-insensitive'),
  consumer: text(100).exactOptional().describe('Consumer group, such as orders.views'),
};

const ids = z
  .array(parkedId)
  .min(1)
  .max(500)
  .exactOptional()
  .describe('Only these, as far as the rest of the filter selects them');

export const listQuery = pageQuery.extend({
  after: parkedId.exactOptional(),
  ids: z
    .string()
    .regex(/^[1-9]\d{0,17}(,[1-9]\d{0,17}){0,499}$/, { error: 'must be 1 to 500 ids of parked events, such as 12,13' })
    .transform((text) => text.split(','))
    .exactOptional()
    .describe('Only these, as far as the rest selects them'),
  ...by,
  state: z
    .enum(['retrying', 'dead', 'waiting', 'discarded'])
    .exactOptional()
    .describe('By default every state but discarded'),
  olderThanSeconds: secondsInQuery.exactOptional().describe('Parked before that time'),
  youngerThanSeconds: secondsInQuery.exactOptional().describe('Parked since that time'),
});

export type ListQuery = z.output<typeof listQuery>;

export const actionsQuery = pageQuery.extend({ after: parkedId.exactOptional() });

export type ActionsQuery = z.output<typeof actionsQuery>;

// The body is optional.
export const retryOneBody = z
  .strictObject({ dryRun: z.boolean().default(false) })
  .nullish()
  .transform((body) => body ?? { dryRun: false })
  .meta({ id: 'RetryParkedEvent' });

export type RetryOneBody = z.output<typeof retryOneBody>;

export const retryManyBody = z
  .strictObject({
    filter: z
      .strictObject({
        ...by,
        ids,
        state: z.enum(['dead', 'retrying']).default('dead').describe('retrying: without waiting for the next attempt'),
        olderThanSeconds: z.int().min(0).max(MAX_SECONDS).exactOptional(),
        youngerThanSeconds: z.int().min(0).max(MAX_SECONDS).exactOptional(),
      })
      .describe('{} selects all dead letters'),
    ratePerSecond: z.number().min(0.01).max(100).default(10).describe('Queues per second'),
    limit: z.int().min(1).max(500).default(100).describe('At most this many queues, the oldest ones'),
    dryRun: z.boolean().default(false).describe('Only report the outcome'),
  })
  .meta({ id: 'RetryParkedEvents' });

export type RetryManyBody = z.output<typeof retryManyBody>;

export const discardManyBody = z
  .strictObject({
    filter: z
      .strictObject({
        ...by,
        ids,
        state: z.enum(['dead', 'retrying', 'waiting']).default('dead'),
        olderThanSeconds: z.int().min(0).max(MAX_SECONDS).exactOptional(),
        youngerThanSeconds: z.int().min(0).max(MAX_SECONDS).exactOptional(),
      })
      .describe('{} selects all dead letters'),
    reason: text(500).describe('Kept with each of them'),
    limit: z.int().min(1).max(500).default(100).describe('At most this many events, the oldest ones'),
    dryRun: z.boolean().default(false).describe('Only list them'),
  })
  .meta({ id: 'DiscardParkedEvents' });

export type DiscardManyBody = z.output<typeof discardManyBody>;

export const discardBody = z.strictObject({ reason: text(500) }).meta({ id: 'DiscardParkedEvent' });

export type DiscardBody = z.output<typeof discardBody>;
