import { type BrokenRule, idleQueueRules, requestRules, streamRules, violationsOf } from '@orderflow/invariants';
import type { AuditReport } from '../../../ops/src/audit/audit.ts';
import { auditUntilPasses } from '../../../ops/src/audit/audit-until-passes.ts';
import type { Customers, Placement } from './customers.ts';
import { type LoggedEvent, readLog } from './event-log.ts';
import { firstOccurrences, overtakings, requestFacts, streamFacts } from './facts.ts';
import { type Recorded, readRecorded } from './recorded.ts';
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
  overtakings: number;
  problems: readonly Problem[];
}

/** Longer than any backoff of the services. */
const READY_MS = 30_000;

/** The harm that a broken rule stands for; `wrong` for any other rule. */
export const harmOf: Readonly<Record<string, Harm>> = {
  settled: 'stuck',
  'one-capture': 'doubled',
  mails: 'doubled',
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

/** Every broken rule: what customers were promised, what the log must hold, what must be done at the end, and the audit's rules. */
export function problemsIn(
  placements: readonly Placement[],
  customerId: string,
  log: readonly LoggedEvent[],
  recorded: Recorded,
  { findings, parked }: Pick<AuditReport, 'findings' | 'parked'>,
): Problem[] {
  const broken = [
    ...violationsOf(requestRules, requestFacts(placements, recorded, customerId)),
    ...violationsOf(streamRules, streamFacts(log, recorded)),
    ...findings.flatMap(({ id, rule, violations }) => violations.map((violation) => ({ id, rule, ...violation }))),
    ...violationsOf(idleQueueRules, recorded.queues),
  ];
  const waiting = parked.map(({ service, subject, reason }): Problem => {
    return { harm: 'stuck', subject, text: `parked at ${service}: ${reason}` };
  });
  return [...broken.map(problemOf), ...waiting];
}

/** Waits until every order is settled, `settleMs` at most, and compares customers, topics and databases. */
export async function readOutcome(
  stack: ChaosStack,
  customers: Customers,
  customerId: string,
  settleMs: number,
): Promise<Outcome> {
  const { url } = stack.postgres.running;
  const absent = (await notReady(stack.consumers, READY_MS)).map(({ name }): Problem => {
    const text = `is not ready ${READY_MS / 1000} s after the last fault`;
    return { harm: 'stuck', subject: name, text };
  });
  const report = await auditUntilPasses({ databaseUrl: url, databasePrefix: '' }, settleMs);
  const recorded = await readRecorded(url);
  const log = await readLog(stack);
  const refused = customers.refusals.map((text): Problem => ({ harm: 'wrong', subject: '', text }));
  return {
    recorded,
    copies: log.length - firstOccurrences(log).length,
    overtakings: overtakings(log, recorded),
    problems: [...problemsIn(customers.placements, customerId, log, recorded, report), ...refused, ...absent],
  };
}
