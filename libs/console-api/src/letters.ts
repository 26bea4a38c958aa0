import { z } from 'zod';
import { instant, service } from './pieces.js';

/** The most letters that one request may act on, and that a list of one service is read up to. */
export const MOST_LETTERS = 500;

/**
 * `event`: a parked event, with the later ones of its order behind it. `call`: one that a service makes outside (a charge, a
 * refund, a mail) and that is refused or put off. `range`: records that expired before a service had consumed them.
 */
export const letterKind = z.enum(['event', 'call', 'range']);
export type LetterKind = z.output<typeof letterKind>;

export const letterState = z.enum([
  'dead',
  'retrying',
  // Of an event: behind an earlier one of its queue.
  'blocked',
  // Of a call: put off.
  'waiting',
  // Of a range: no operator has acknowledged it.
  'unread',
  'discarded',
  'settled',
  'acknowledged',
]);
export type LetterState = z.output<typeof letterState>;

/** What a person saw and acts on. The state is part of it: an action on a letter that has changed since is refused. */
export const letterAddress = z.object({ service, kind: letterKind, id: z.string(), state: letterState });
export type LetterAddress = z.output<typeof letterAddress>;

export const letter = letterAddress
  .extend({
    waitsFor: z
      .enum(['person', 'time', 'nothing'])
      .describe('`person`: nothing happens until an operator acts. `time`: it is repeated automatically'),
    what: z.string().nullable().describe('The type of the event, or the kind of the call'),
    consumer: z.string().nullable().describe('Of an event or a range: the consumer group'),
    orderId: z.string().nullable().describe('The order, or the SKU'),
    reason: z.string().describe('Of the last failure'),
    attempts: z.int(),
    since: instant,
    deadAt: instant.nullable(),
    nextAttemptAt: instant.nullable(),
    behind: z.int().describe('Events that wait behind it, of those that were read'),
    place: z.string().nullable().describe('`topic/partition/offset`'),
    choices: z.array(z.string()).describe('Of a call: what an operator can settle it as'),
  })
  .meta({ id: 'Letter' });
export type Letter = z.output<typeof letter>;

/** Letters of one service that have failed in the same way. */
export const letterGroup = z
  .object({
    key: z.string(),
    service,
    kind: letterKind,
    state: letterState,
    waitsFor: letter.shape.waitsFor,
    what: z.string().nullable(),
    cause: z.string().describe('What their reasons have in common'),
    behind: z.int(),
    oldest: instant,
    letters: z.array(letter).describe('The oldest first'),
  })
  .meta({ id: 'LetterGroup' });
export type LetterGroup = z.output<typeof letterGroup>;

export const letterFigures = z
  .object({
    dead: z.int(),
    waiting: z.int().describe('Calls that were put off'),
    unread: z.int().describe('Ranges of expired records'),
    retrying: z.int(),
    behind: z.int().describe('Events that wait behind others'),
    needPerson: z.int(),
  })
  .meta({ id: 'LetterFigures' });
export type LetterFigures = z.output<typeof letterFigures>;

export const letterOverview = z
  .object({
    readAt: instant,
    figures: letterFigures.describe('Of what was read: a lower bound where a service has more'),
    groups: z.array(letterGroup).describe('Those that wait for a person first, then the oldest first'),
    services: z.array(
      z.object({
        service,
        refusal: z.string().nullable().describe('Why its letters could not be read'),
        more: z.boolean().describe(`It has more than ${MOST_LETTERS} of a kind: the rest is not shown`),
      }),
    ),
  })
  .meta({ id: 'LetterOverview' });
export type LetterOverview = z.output<typeof letterOverview>;

/** Something that an operator did. */
export const letterAction = z
  .object({
    service,
    kind: letterKind,
    letterId: z.string(),
    action: z.string().describe('retry, discard, acknowledge, or what a call was settled as'),
    at: instant,
    operator: z.string(),
    reason: z.string().nullable(),
    what: z.string().nullable(),
    orderId: z.string().nullable(),
  })
  .meta({ id: 'LetterAction' });
export type LetterAction = z.output<typeof letterAction>;

export const letterActions = z
  .object({
    items: z.array(letterAction).describe('The latest first'),
    refused: z.array(service).describe('Services that did not answer'),
  })
  .meta({ id: 'LetterActions' });
export type LetterActions = z.output<typeof letterActions>;

/** Everything about one letter. E-mail addresses are masked everywhere, confidential fields in the content. */
export const openedLetter = letter
  .extend({
    content: z
      .object({
        of: z.enum(['event', 'request', 'bytes']).describe('bytes: the record as text, since it is no event'),
        text: z.string(),
        bytes: z.int().describe('Size of the whole content'),
        isCut: z.boolean(),
      })
      .nullable(),
    undecodable: z.string().nullable().describe('Why the record is no event'),
    headers: z.array(z.object({ name: z.string(), value: z.string() })),
    failures: z.array(z.object({ at: instant, reason: z.string() })).describe('The oldest first'),
    headId: z.string().nullable().describe('Of an event that waits: the first of its queue'),
    behindIt: z.array(letter).describe('The first events that wait behind it, in order'),
    actions: z.array(letterAction).describe('The latest first'),
  })
  .meta({ id: 'OpenedLetter' });
export type OpenedLetter = z.output<typeof openedLetter>;

const tried = z.object({
  what: z.string().nullable(),
  outcome: z.enum(['handled', 'known', 'fails']).describe('known: another copy was handled, it would only be removed'),
  reason: z.string().nullable(),
  publishes: z.array(z.string()),
  calls: z.array(z.string()),
});

/** What a retry would do. Asked = handled + known + fails + untried. */
export const letterDryRun = z
  .object({
    asked: z.int(),
    handled: z.int(),
    known: z.int(),
    fails: z.int(),
    untried: z.int().describe('Calls, which have no dry run, and events that have changed meanwhile'),
    behind: z.object({ handled: z.int(), known: z.int(), fails: z.int() }).describe('Of the events behind them'),
    items: z.array(tried.extend({ letter: letterAddress, behind: z.array(tried) })),
  })
  .meta({ id: 'LetterDryRun' });
export type LetterDryRun = z.output<typeof letterDryRun>;
export type TriedLetter = LetterDryRun['items'][number];

/** The outcome of an action. Asked = done + gone + refused + unknown. */
export const letterOutcome = z
  .object({
    asked: z.int(),
    done: z.int(),
    gone: z.int().describe('Handled, or acted on by another operator, meanwhile'),
    refused: z.int(),
    unknown: z.int().describe('Their service gave no answer'),
    items: z.array(
      z.object({
        letter: letterAddress,
        outcome: z.enum(['done', 'gone', 'refused', 'unknown']),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'LetterOutcome' });
export type LetterOutcome = z.output<typeof letterOutcome>;
export type OutcomeItem = LetterOutcome['items'][number];
