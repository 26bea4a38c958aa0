import type { Service } from '@orderflow/contracts';
import { judged, type Rule, rulesAbout } from './rule.ts';

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

const queueRule = rulesAbout<QueueFacts>(({ service }) => service);

/** Rules about the queues of one service, at work or idle. */
export const queueRules = [
  queueRule('outboxes', 'outboxes are drained, and no event is rejected', ({ unsent, rejected }) =>
    judged(
      unsent + rejected === 0,
      { 'waiting for 10 s': 0 },
      { 'waiting for 10 s': unsent, rejected },
      {
        expected: 'none',
        found: `${unsent} waiting for 10 s, ${rejected} rejected`,
      },
    ),
  ),
  queueRule('parked', 'parked events are retried, or are dead letters', ({ parked, forgotten }) =>
    judged(
      forgotten === 0,
      { forgotten: 0 },
      { parked, forgotten },
      {
        expected: 'a retry when it is due',
        found: `${forgotten} overdue for 60 s`,
      },
    ),
  ),
];

const idleRule = rulesAbout<IdleQueueFacts>(({ service }) => service);

const isEmpty = (id: string, rule: string, countOf: (facts: IdleQueueFacts) => number): Rule<IdleQueueFacts> =>
  idleRule(id, rule, (facts) => {
    const rows = countOf(facts);
    return judged(rows === 0, { rows: 0 }, { rows }, { expected: 'none', found: `${rows}` });
  });

/** Rules about queues once every order is settled. */
export const idleQueueRules = [
  isEmpty('idle-parked', 'no event stays parked', ({ parked }) => parked),
  isEmpty('idle-calls', 'every external call is answered', ({ externalCalls }) => externalCalls),
  isEmpty('idle-deadlines', 'an order that is over has no deadline', ({ deadlines }) => deadlines),
];
