import type { AuditReport } from '../../../ops/src/audit/audit.ts';
import { auditUntilContent } from '../../../ops/src/audit/until-passes.ts';
import { type Books, readBooks } from './books.ts';
import type { Customers } from './customers.ts';
import { readLog } from './log.ts';
import { notReady } from './recovery.ts';
import type { ChaosStack } from './stack.ts';
import { askCustomers, askLog, firstOccurrences, type Harm, overtakings, type Problem } from './witness.ts';

/** What stands everywhere once nothing moves any more, and what does not fit together. */
export interface Evidence {
  books: Books;
  /** How many records of the log say what was said before. */
  copies: number;
  overtakings: number;
  problems: readonly Problem[];
}

/** Longer than any pause of theirs. */
const READY_MS = 30_000;

/** What it means when one of these rules of the audit is broken; any other: something is wrong. */
const harms: Record<string, Harm> = { settled: 'stuck', 'one-capture': 'doubled', mails: 'doubled' };

function askAudit({ findings, parked }: AuditReport): Problem[] {
  const broken = findings.flatMap(({ id, rule, violations }) =>
    violations.map(({ subject, expected, found }): Problem => {
      return { harm: harms[id] ?? 'wrong', orderId: subject, what: `${rule}: ${expected} expected, ${found} found` };
    }),
  );
  const waiting = parked.map(({ service, subject, reason }): Problem => {
    return { harm: 'stuck', orderId: subject, what: `parked at ${service}: ${reason}` };
  });
  return [...broken, ...waiting];
}

/** Waits until all is settled, but no longer than so, and asks audit, customers and topics. */
export async function gather(
  stack: ChaosStack,
  customers: Customers,
  customerId: string,
  settleMs: number,
): Promise<Evidence> {
  const { url } = stack.postgres;
  const absent = (await notReady(stack.consumers, READY_MS)).map(({ name }): Problem => {
    return {
      harm: 'stuck',
      orderId: '',
      what: `${name} does not come back: it is not ready ${READY_MS / 1000} s after the last fault`,
    };
  });
  const audited = await auditUntilContent({ databaseUrl: url, databasePrefix: '' }, settleMs);
  const books = await readBooks(url);
  const log = await readLog(stack);
  const refused = customers.refusals.map((what): Problem => ({ harm: 'wrong', orderId: '', what }));
  const problems = [
    ...askCustomers(customers.placements, books, customerId),
    ...askLog(log, books),
    ...askAudit(audited),
  ];
  const copies = log.length - firstOccurrences(log).length;
  return { books, copies, overtakings: overtakings(log, books), problems: [...problems, ...refused, ...absent] };
}
