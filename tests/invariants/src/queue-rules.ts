import type { Service } from '@orderflow/contracts';
import { judged, type Rule } from './rule.ts';

/** How many rows wait in the queues of one service. */
export interface QueueFacts {
  readonly service: Service;
  /** Outbox rows older than a working relay leaves them. */
  readonly unsent: number;
  /** Outbox rows that the broker rejected. */
  readonly rejected: number;
  readonly parked: number;
  /** Heads of parked queues that are due, were not retried, and are not dead letters. */
  readonly forgotten: number;
}

/** Queues of a service of which nothing is in flight any more. */
export interface IdleQueueFacts {
  readonly service: Service;
  readonly parked: number;
  readonly externalCalls: number;
  readonly deadlines: number;
}

const subjectOf = ({ service }: { readonly service: Service }): string => service;

const outboxes: Rule<Pick<QueueFacts, 'service' | 'unsent' | 'rejected'>> = {
  id: 'outboxes',
  rule: 'outboxes are drained, and no event is rejected',
  subjectOf,
  judge: ({ unsent, rejected }) =>
    judged(
      unsent + rejected === 0,
      { expected: { 'waiting for 10 s': 0 }, found: { 'waiting for 10 s': unsent, rejected } },
      { expected: 'none', found: `${unsent} waiting for 10 s, ${rejected} rejected` },
    ),
};

const parked: Rule<QueueFacts> = {
  id: 'parked',
  rule: 'parked events are retried, or are dead letters',
  subjectOf,
  judge: ({ parked, forgotten }) =>
    judged(
      forgotten === 0,
      { expected: { forgotten: 0 }, found: { parked, forgotten } },
      { expected: 'a retry when it is due', found: `${forgotten} overdue for 60 s` },
    ),
};

/** Rules about the queues of one service, at work or idle. */
export const queueRules: readonly Rule<QueueFacts>[] = [outboxes, parked];

const isEmpty = (id: string, rule: string, countOf: (facts: IdleQueueFacts) => number): Rule<IdleQueueFacts> => ({
  id,
  rule,
  subjectOf,
  judge(facts) {
    const count = countOf(facts);
    return judged(
      count === 0,
      { expected: { rows: 0 }, found: { rows: count } },
      { expected: 'none', found: `${count}` },
    );
  },
});

/** Rules about queues once every order is settled. */
export const idleQueueRules: readonly Rule<IdleQueueFacts>[] = [
  isEmpty('idle-parked', 'no event stays parked', ({ parked }) => parked),
  isEmpty('idle-calls', 'every external call is answered', ({ externalCalls }) => externalCalls),
  isEmpty('idle-deadlines', 'an order that is over has no deadline', ({ deadlines }) => deadlines),
];
