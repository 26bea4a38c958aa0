import { type BrokenRule, idleQueueRules, requestRules, streamRules, violationsOf } from '@orderflow/invariants';
import { type AuditReport, auditUntilPasses } from '../../../ops/src/audit/audit.ts';
import type { Customers, Placement } from './customers.ts';
import { copiesOf, firstOccurrences, overtakings, possibleCopies, requestFacts, streamFacts } from './facts.ts';
import type { InjectedFault } from './fault-injector.ts';
import { type LoggedEvent, readLog, type Recorded, readRecorded } from './recorded.ts';
import { notReady } from './recovery.ts';
import type { ChaosStack } from './stack.ts';

export type Harm = 'lost' | 'doubled' | 'stuck' | 'wrong';

export interface Problem {
  harm: Harm;
  /** An order id, a service or an idempotency key; empty if it concerns none. */
  subject: string;
  text: string;
}

/** The state of the system after the run, and its problems. */
export interface Outcome {
  recorded: Recorded;
  /** Records of the log that repeat an event. */
  copies: number;
  /** Records that were written by the version before the newest one. */
  older: number;
  overtakings: number;
  /** Second copies of mails that a kill or a cut explains. */
  possibleCopies: number;
  /** Records of others in the log. */
  foreign: number;
  oversized: number;
  problems: readonly Problem[];
}

/** Longer than any backoff of the services. */
const READY_MS = 30_000;

/** The harm that a broken rule stands for; `wrong` for any other rule. */
export const harmOf: Readonly<Record<string, Harm>> = {
  settled: 'stuck',
  'one-capture': 'doubled',
  mails: 'doubled',
  'mail-copies': 'doubled',
  'request-answered': 'stuck',
  'request-once': 'doubled',
  'request-kept': 'lost',
  'request-known': 'doubled',
  'log-once': 'doubled',
  'log-complete': 'lost',
  'log-recorded': 'lost',
  'idle-parked': 'stuck',
  'idle-calls': 'stuck',
  'idle-deadlines': 'stuck',
};

const problemOf = ({ id, rule, subject, expected, found }: BrokenRule): Problem => {
  return { harm: harmOf[id] ?? 'wrong', subject, text: `${rule}: ${expected} expected, ${found} found` };
};

/** Every broken rule: about requests, the log, idle queues, and those of the audit. */
export function problemsIn(
  placements: readonly Placement[],
  customerId: string,
  log: readonly LoggedEvent[],
  recorded: Recorded,
  { findings, parked }: Pick<AuditReport, 'findings' | 'parked'>,
  injected: readonly InjectedFault[] = [],
): Problem[] {
  const possible = new Set(possibleCopies(recorded.copiedMails, injected).map(({ orderId }) => orderId));
  const isPossible = ({ id, subject }: BrokenRule) => id === 'mail-copies' && possible.has(subject);
  const broken: BrokenRule[] = [
    ...violationsOf(requestRules, requestFacts(placements, recorded, customerId)),
    ...violationsOf(streamRules, streamFacts(log, recorded)),
    ...findings.flatMap(({ id, rule, violations }) => violations.map((violation) => ({ id, rule, ...violation }))),
    ...violationsOf(idleQueueRules, recorded.queues),
  ];
  const waiting = parked.map(({ service, subject, reason }): Problem => {
    return { harm: 'stuck', subject, text: `parked at ${service}: ${reason}` };
  });
  return [...broken.filter((it) => !isPossible(it)).map(problemOf), ...waiting];
}

/** Waits until every order is settled, `settleMs` at most, and compares customers, topics and databases. */
export async function readOutcome(
  stack: ChaosStack,
  customers: Customers,
  customerId: string,
  settleMs: number,
  injected: readonly InjectedFault[],
): Promise<Outcome> {
  const { databaseUrl } = stack;
  const absent = (await notReady(stack.consumers, READY_MS)).map((subject): Problem => {
    return { harm: 'stuck', subject, text: `is not ready ${READY_MS / 1000} s after the last fault` };
  });
  const report = await auditUntilPasses({ databaseUrl, databasePrefix: '' }, settleMs);
  const recorded = await readRecorded(databaseUrl);
  const { events: log, foreign, oversized } = await readLog(stack);
  const refused = customers.refusals.map((text): Problem => ({ harm: 'wrong', subject: '', text }));
  return {
    recorded,
    copies: log.length - firstOccurrences(log).length,
    older: log.filter(({ isOlder }) => isOlder).length,
    overtakings: overtakings(log, recorded),
    foreign,
    oversized,
    possibleCopies: copiesOf(possibleCopies(recorded.copiedMails, injected)),
    problems: [...problemsIn(customers.placements, customerId, log, recorded, report, injected), ...refused, ...absent],
  };
}
