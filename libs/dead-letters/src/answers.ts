import { pageSchema } from '@orderflow/http';
import { z } from 'zod';
import type { OpenedEvent } from './dead-letters.js';
import { headersOf, type OperatorAction, type ParkedEvent } from './parked-events.js';
import type { DryRunResult } from './dry-run.js';

const place = { topic: z.string(), partition: z.int(), offset: z.string() };

export const parkedItem = z
  .object({
    id: z.string(),
    state: z.enum(['retrying', 'dead', 'waiting', 'discarded']),
    consumer: z.string(),
    orderId: z.string().describe('The order or SKU that it is about; an id of the record where it has no key'),
    type: z.string().nullable().describe('Event type, from the header'),
    ...place,
    reason: z.string(),
    attempts: z.int().describe('Failed attempts since it was parked or retried by an operator'),
    parkedAt: z.iso.datetime(),
    nextAttemptAt: z.iso.datetime().nullable().describe('Null unless it is retried automatically'),
    deadAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'DeadLetter' });

export type ParkedItem = z.output<typeof parkedItem>;

export const parkedItemOf = ({ subject, headers, ...parked }: ParkedEvent): ParkedItem => ({
  ...parked,
  orderId: subject,
  type: headersOf({ headers })['ce_type'] ?? null,
  parkedAt: parked.parkedAt.toISOString(),
  nextAttemptAt: parked.state === 'retrying' ? (parked.nextAttemptAt?.toISOString() ?? null) : null,
  deadAt: parked.deadAt?.toISOString() ?? null,
});

export const parkedPage = pageSchema(parkedItem).meta({ id: 'DeadLetterPage' });

export const actionItem = z
  .object({
    id: z.string(),
    parkedId: z.string(),
    action: z.enum(['retry', 'discard']),
    at: z.iso.datetime(),
    operator: z.string().describe('The header X-Operator of the request'),
    reason: z.string().nullable(),
    consumer: z.string(),
    orderId: z.string(),
    ...place,
  })
  .meta({ id: 'DeadLetterAction' });

export type ActionItem = z.output<typeof actionItem>;

export const actionItemOf = ({ subject, at, ...action }: OperatorAction): ActionItem => ({
  ...action,
  orderId: subject,
  at: at.toISOString(),
});

export const actionPage = pageSchema(actionItem).meta({ id: 'DeadLetterActionPage' });

export const openedEvent = parkedItem
  .extend({
    appendedAt: z.iso.datetime().describe("The broker's clock"),
    event: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('The event as a CloudEvents 1.0 document; null where it cannot be decoded'),
    undecodable: z.string().nullable().describe('Why it cannot be decoded'),
    headers: z.record(z.string(), z.string()),
    key: z.string().nullable().describe('Base64'),
    value: z.string().nullable().describe('The received bytes, base64'),
    omitted: z
      .object({
        why: z.enum(['too_large', 'unreadable_batch']),
        detail: z.string(),
        bytes: z.int(),
        sha256: z.string(),
      })
      .nullable()
      .describe('Where the bytes are not kept: topic, partition and offset locate them in the log'),
    failures: z.array(z.object({ at: z.iso.datetime(), reason: z.string() })).describe('The oldest first'),
    waitsFor: z.string().nullable().describe('The first event of its queue'),
    behind: z
      .object({ count: z.int(), items: z.array(parkedItem) })
      .describe('The events that wait behind it, in order'),
    actions: z.array(actionItem).describe('The actions of operators on it, the latest first'),
  })
  .meta({ id: 'OpenedDeadLetter' });

export type OpenedAnswer = z.output<typeof openedEvent>;

export const openedEventOf = ({ parked, event, behind, actions, ...opened }: OpenedEvent): OpenedAnswer => ({
  ...parkedItemOf(parked),
  ...opened,
  appendedAt: parked.appendedAt.toISOString(),
  event: event && { ...event },
  headers: headersOf(parked),
  key: parked.key?.toString('base64') ?? null,
  value: parked.value?.toString('base64') ?? null,
  omitted: parked.omitted,
  failures: parked.failures.map(({ at, reason }) => ({ at: new Date(at).toISOString(), reason })),
  behind: { count: behind.count, items: behind.items.map(parkedItemOf) },
  actions: actions.map(actionItemOf),
});

const tried = z.object({
  id: z.string(),
  orderId: z.string(),
  type: z.string().nullable(),
  outcome: z
    .enum(['handled', 'known', 'fails'])
    .describe('known: another copy was handled meanwhile, so the event is only removed'),
  reason: z.string().nullable().describe('Why it fails'),
  publishes: z.array(z.string()).describe('Types of the events that would be published'),
  calls: z.array(z.string()).describe('External calls that would be made'),
});

const triedOf = ({ event, reason, ...result }: DryRunResult): z.output<typeof tried> => ({
  ...result,
  id: event.id,
  orderId: event.subject,
  type: headersOf(event)['ce_type'] ?? null,
  reason: reason ?? null,
});

export const dryRun = tried
  .extend({ behind: z.array(tried).describe('The events behind it, up to the first that fails') })
  .meta({ id: 'DeadLetterDryRun' });

export type DryRunAnswer = z.output<typeof dryRun>;

export const dryRunOf = ([head, ...behind]: readonly DryRunResult[]): DryRunAnswer => ({
  ...triedOf(head!),
  behind: behind.map(triedOf),
});

const more = z.boolean().describe('Whether the limit cut some off');

export const retriedMany = z
  .object({ dryRun: z.literal(false), items: z.array(parkedItem), more })
  .meta({ id: 'DeadLettersRetried' });

export const dryRunOfMany = z
  .object({ dryRun: z.literal(true), items: z.array(dryRun), more })
  .meta({ id: 'DeadLettersDryRun' });

export const discardedMany = z
  .object({ dryRun: z.boolean(), items: z.array(parkedItem), more })
  .meta({ id: 'DeadLettersDiscarded' });

export type DiscardedAnswer = z.output<typeof discardedMany>;

export type ManyAnswer = z.output<typeof retriedMany> | z.output<typeof dryRunOfMany>;
