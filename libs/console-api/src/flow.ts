import { z } from 'zod';
import { instant, service } from './pieces.js';

/** A figure that another part gives. One that gives no answer makes it unknown, and never zero. */
export const readingOf = <Value extends z.ZodType>(value: Value) =>
  z.discriminatedUnion('state', [
    z.object({ state: z.literal('known'), at: instant.describe('When it was asked for'), value }),
    z.object({
      state: z.literal('unknown'),
      since: instant.describe('The last answer; where there was none, the first question'),
      why: z.string(),
    }),
    z.object({ state: z.literal('not_kept') }).describe('Of an instant in the past: nothing keeps this figure'),
  ]);
export type Reading<T> =
  | { readonly state: 'known'; readonly at: string; readonly value: T }
  | { readonly state: 'unknown'; readonly since: string; readonly why: string }
  | { readonly state: 'not_kept' };

export const eventRate = z.object({
  type: z.string(),
  count: z.int().describe('Events that the broker appended within the span'),
  bars: z.array(z.int()).describe('The same in parts of equal length, the oldest first'),
});
export type EventRate = z.output<typeof eventRate>;

export const flowRates = z.object({
  seconds: z.int().describe('Length of the span'),
  until: instant.describe('The end of the span, by the clock of the broker'),
  complete: z.boolean().describe('False while the journal is behind: the span then ends where it has read every topic'),
  events: z.array(eventRate),
});
export type FlowRates = z.output<typeof flowRates>;

export const outboxState = z.object({
  pending: z.int().describe('Committed events that the broker has not acknowledged'),
  oldestAgeMs: z.int(),
  rejected: z.int().describe('Events that the broker refuses for their content'),
});
export type OutboxState = z.output<typeof outboxState>;

export const groupLag = z.object({
  records: z.int().describe('Records whose offset the group has not committed; groups commit once a second'),
  expired: z.int().describe('Of them those that the broker deleted unread'),
  oldestAt: instant
    .nullable()
    .describe(
      'When the oldest record that it has not committed was appended; null where the journal has not that record',
    ),
  topics: z.array(z.object({ topic: z.string(), records: z.int() })),
});
export type GroupLag = z.output<typeof groupLag>;

/** The services and topics of the saga table, with what flows between them. */
export const flow = z
  .object({
    at: instant.nullable().describe('Null for now'),
    rates: readingOf(flowRates),
    producers: z.array(z.object({ service, topics: z.array(z.string()), outbox: readingOf(outboxState) })),
    topics: z.array(z.object({ topic: z.string().describe('Without prefix'), events: z.array(z.string()) })),
    groups: z.array(
      z.object({
        group: z.string().describe('Without prefix'),
        program: z.string().describe('The service that it belongs to, or the console'),
        topics: z.array(z.string()),
        lag: readingOf(groupLag),
      }),
    ),
  })
  .meta({ id: 'Flow' });
export type Flow = z.output<typeof flow>;
