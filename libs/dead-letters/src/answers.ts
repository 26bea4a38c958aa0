import { pageSchema } from '@orderflow/http';
import { z } from 'zod';
import type { OpenedLetter } from './dead-letters.js';
import { headersOf, type OperatorAction, type ParkedEvent } from './parked-events.js';
import type { DryRunResult } from './dry-run.js';

const place = { topic: z.string(), partition: z.int(), offset: z.string() };

export const letterItem = z
  .object({
    id: z.string(),
    state: z.enum(['retrying', 'dead', 'waiting', 'discarded']),
    consumer: z.string(),
    orderId: z.string().describe('What it is about: an order, or a SKU; empty where the record has no key'),
    type: z.string().nullable().describe('Event type, as its header says'),
    ...place,
    reason: z.string(),
    attempts: z.int().describe('That failed since it was parked or retried by a person'),
    parkedAt: z.iso.datetime(),
    nextAttemptAt: z.iso.datetime().nullable().describe('Only while it is retried by itself'),
    deadAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'DeadLetter' });

export type LetterItem = z.output<typeof letterItem>;

export const letterItemOf = (letter: ParkedEvent): LetterItem => ({
  id: letter.id,
  state: letter.state,
  consumer: letter.consumer,
  orderId: letter.subject,
  type: headersOf(letter)['ce_type'] ?? null,
  topic: letter.topic,
  partition: letter.partition,
  offset: letter.offset,
  reason: letter.reason,
  attempts: letter.attempts,
  parkedAt: letter.parkedAt.toISOString(),
  nextAttemptAt: letter.state === 'retrying' ? letter.nextAttemptAt.toISOString() : null,
  deadAt: letter.deadAt?.toISOString() ?? null,
});

export const letterPage = pageSchema(letterItem).meta({ id: 'DeadLetterPage' });

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

export const openedLetter = letterItem
  .extend({
    appendedAt: z.iso.datetime().describe("The broker's clock"),
    event: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What it holds, as a CloudEvents 1.0 document; null where it cannot be read'),
    undecodable: z.string().nullable().describe('Why it cannot be read'),
    headers: z.record(z.string(), z.string()),
    key: z.string().nullable().describe('Base64'),
    value: z.string().nullable().describe('The bytes as they came, base64'),
    failures: z.array(z.object({ at: z.iso.datetime(), reason: z.string() })).describe('The oldest first'),
    waitsFor: z.string().nullable().describe('The letter that is first in its queue'),
    behind: z.object({ count: z.int(), items: z.array(letterItem) }).describe('What waits behind it, in order'),
    actions: z.array(actionItem).describe('What people did with it, the latest first'),
  })
  .meta({ id: 'OpenedDeadLetter' });

export type OpenedAnswer = z.output<typeof openedLetter>;

export const openedLetterOf = (opened: OpenedLetter): OpenedAnswer => {
  const { letter, event, undecodable, waitsFor, behind, actions } = opened;
  return {
    ...letterItemOf(letter),
    appendedAt: letter.appendedAt.toISOString(),
    event: event ? { ...event } : null,
    undecodable: undecodable ?? null,
    headers: headersOf(letter),
    key: letter.key?.toString('base64') ?? null,
    value: letter.value?.toString('base64') ?? null,
    failures: letter.failures.map(({ at, reason }) => ({ at: new Date(at).toISOString(), reason })),
    waitsFor: waitsFor ?? null,
    behind: { count: behind.count, items: behind.items.map(letterItemOf) },
    actions: actions.map(actionItemOf),
  };
};

const tried = z.object({
  id: z.string(),
  orderId: z.string(),
  type: z.string().nullable(),
  outcome: z
    .enum(['handled', 'known', 'fails'])
    .describe('known: another copy was handled meanwhile, so that it only goes away'),
  reason: z.string().nullable().describe('Why it fails'),
  says: z.array(z.string()).describe('Events that would be published'),
  calls: z.array(z.string()).describe('Calls that would be made outside'),
});

const triedOf = ({ letter, outcome, reason, says, calls }: DryRunResult): z.output<typeof tried> => ({
  id: letter.id,
  orderId: letter.subject,
  type: headersOf(letter)['ce_type'] ?? null,
  outcome,
  reason: reason ?? null,
  says: [...says],
  calls: [...calls],
});

export const dryRun = tried
  .extend({ behind: z.array(tried).describe('What is behind it, up to the first that fails') })
  .meta({ id: 'DeadLetterDryRun' });

export type DryRunAnswer = z.output<typeof dryRun>;

export const dryRunOf = ([head, ...behind]: readonly DryRunResult[]): DryRunAnswer => ({
  ...triedOf(head!),
  behind: behind.map(triedOf),
});

const more = z.boolean().describe('There are more than the limit');

export const retriedMany = z
  .object({ dryRun: z.literal(false), items: z.array(letterItem), more })
  .meta({ id: 'DeadLettersRetried' });

export const dryRunOfMany = z
  .object({ dryRun: z.literal(true), items: z.array(dryRun), more })
  .meta({ id: 'DeadLettersDryRun' });

export type ManyAnswer = z.output<typeof retriedMany> | z.output<typeof dryRunOfMany>;
