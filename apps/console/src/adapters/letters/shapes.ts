import type { Letter, LetterAction, LetterState } from '@orderflow/console-api';
import type { Service } from '@orderflow/contracts';
import type { ActionItem, CallActionItem, CallItem, ExpiredItem, ParkedItem } from '@orderflow/dead-letters';
import { masked, maskedText } from '../../domain/mask.js';

// A list shows a line of each.
const MOST_REASON = 400;

const eventStates: Record<ParkedItem['state'], LetterState> = {
  dead: 'dead',
  retrying: 'retrying',
  waiting: 'blocked',
  discarded: 'discarded',
};

const eventWaits: Record<ParkedItem['state'], Letter['waitsFor']> = {
  dead: 'person',
  retrying: 'time',
  waiting: 'nothing',
  discarded: 'nothing',
};

export const letterOfEvent = (service: Service, item: ParkedItem): Letter => ({
  service,
  kind: 'event',
  id: item.id,
  state: eventStates[item.state],
  waitsFor: eventWaits[item.state],
  what: item.type,
  consumer: item.consumer,
  orderId: item.orderId,
  reason: shortened(item.reason),
  attempts: item.attempts,
  since: item.parkedAt,
  deadAt: item.deadAt,
  nextAttemptAt: item.nextAttemptAt,
  behind: 0,
  place: `${item.topic}/${item.partition}/${item.offset}`,
  choices: [],
});

export const letterOfCall = (service: Service, item: CallItem): Letter => ({
  service,
  kind: 'call',
  id: item.key,
  state: item.state,
  waitsFor: callWaits(item),
  what: item.kind,
  consumer: null,
  orderId: item.orderId,
  reason: shortened(item.reason ?? ''),
  attempts: item.attempts,
  since: item.createdAt,
  deadAt: item.deadAt,
  nextAttemptAt: item.nextAttemptAt,
  behind: 0,
  place: null,
  choices: item.choices,
});

function callWaits({ state, waitsFor }: CallItem): Letter['waitsFor'] {
  if (state === 'settled') return 'nothing';
  if (state === 'dead') return 'person';
  return state === 'waiting' && waitsFor === 'operator' ? 'person' : 'time';
}

export const letterOfRange = (service: Service, item: ExpiredItem): Letter => ({
  service,
  kind: 'range',
  id: item.id,
  state: item.acknowledgedAt === null ? 'unread' : 'acknowledged',
  waitsFor: item.acknowledgedAt === null ? 'person' : 'nothing',
  what: null,
  consumer: item.consumer,
  orderId: null,
  reason: `${item.records} records of ${item.topic}/${item.partition} expired before they were consumed: offsets ${item.first} to ${BigInt(item.next) - 1n}`,
  attempts: 0,
  since: item.foundAt,
  deadAt: null,
  nextAttemptAt: null,
  behind: 0,
  place: `${item.topic}/${item.partition}/${item.first}`,
  choices: [],
});

export const actionOnEvent = (service: Service, item: ActionItem): LetterAction => ({
  ...whoAndWhen(service, item),
  kind: 'event',
  letterId: item.parkedId,
  action: item.action,
  what: null,
  orderId: item.orderId,
});

export const actionOnCall = (service: Service, item: CallActionItem): LetterAction => ({
  ...whoAndWhen(service, item),
  kind: 'call',
  letterId: item.key,
  action: item.action,
  what: item.kind,
  orderId: item.orderId,
});

/** Of a range that is acknowledged. */
export const actionOnRange = (service: Service, item: ExpiredItem): LetterAction => ({
  ...whoAndWhen(service, {
    at: item.acknowledgedAt ?? item.foundAt,
    operator: item.operator ?? '',
    reason: item.reason,
  }),
  kind: 'range',
  letterId: item.id,
  action: 'acknowledge',
  what: null,
  orderId: null,
});

interface Done {
  readonly at: string;
  readonly operator: string;
  readonly reason: string | null;
}

const whoAndWhen = (service: Service, { at, operator, reason }: Done) => ({
  service,
  at,
  operator,
  reason: reason === null ? null : maskedText(reason),
});

export function shortened(reason: string): string {
  const text = maskedText(reason.slice(0, 2 * MOST_REASON));
  return text.length > MOST_REASON ? `${text.slice(0, MOST_REASON - 1)}…` : text;
}

/** Any JSON as text, with e-mail addresses masked. */
export const textOf = (value: unknown): string => JSON.stringify(masked(value), null, 2);
