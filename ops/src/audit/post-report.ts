import { demand } from '@orderflow/client';
import { type AuditReport as PostedReport, MOST_VIOLATIONS } from '@orderflow/console-api';
import type { AuditReport } from './audit.ts';

// The console takes commands from its own pages alone; a program is none of another origin.
const headers = { 'x-console': '1' };

/** The longest text that the console takes. */
const MOST_CHARACTERS = 2_000;

/** What the console keeps of a report: all figures, and the first violations of each rule. */
export function postedOf({ version, at, deadlineSeconds, findings, ...lists }: AuditReport): PostedReport {
  const short = (text: string) => text.slice(0, MOST_CHARACTERS);
  return {
    version,
    at,
    deadlineSeconds,
    findings: findings.map(({ id, rule, expected, found, count, violations }) => ({
      id,
      rule,
      expected: short(expected),
      found: short(found),
      count,
      violations: violations.slice(0, MOST_VIOLATIONS).map((it) => ({
        subject: short(it.subject),
        expected: short(it.expected),
        found: short(it.found),
      })),
    })),
    parkedCount: lists.parkedCount,
    deadCallCount: lists.deadCalls.length,
    deferredCount: lists.deferredCount,
  };
}

/**
 * Sends a report to the console, for its page Proof.
 * @param token of an operator, where the console asks for one
 * @throws Error that names the URL
 */
export async function postReport(consoleUrl: string, report: AuditReport, token: string | undefined): Promise<void> {
  await demand(`${consoleUrl}/api/audits`, { json: postedOf(report), headers, token });
}
