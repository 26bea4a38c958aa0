import type { AuditFinding, AuditReport, JournalSums, MoneySums } from '@orderflow/console-api';
import { countOf } from '../../words/format.js';

const DAY_MS = 24 * 3600 * 1000;

/** What an audit comes to. A green one of another day says little about now. */
export type Verdict = 'green' | 'old' | 'red';

export const brokenIn = ({ findings }: AuditReport): AuditFinding[] => findings.filter(({ count }) => count > 0);

export function verdictOf(report: AuditReport, now: string): Verdict {
  if (brokenIn(report).length > 0) return 'red';
  return Date.parse(now) - Date.parse(report.at) > DAY_MS ? 'old' : 'green';
}

/** The verdict in words, without its time. */
export function verdictWords(report: AuditReport): string {
  const { length: broken } = brokenIn(report);
  const { length: rules } = report.findings;
  if (broken === 0) return `All ${countOf(rules, 'rule')} held.`;
  return `${broken} of ${countOf(rules, 'rule')} ${broken === 1 ? 'was' : 'were'} broken.`;
}

/** The broken rules first, each part in the order of the audit. */
export const inOrder = (findings: readonly AuditFinding[]): AuditFinding[] =>
  findings.toSorted((a, b) => Number(b.count > 0) - Number(a.count > 0));

/** What breaks no rule and yet is to be known; empty where there is nothing. */
export function besides({ parkedCount, deadCallCount, deferredCount }: AuditReport): string[] {
  return [
    ...(parkedCount > 0 ? [`${countOf(parkedCount, 'event')} parked`] : []),
    ...(deadCallCount > 0 ? [`${countOf(deadCallCount, 'call')} waiting for an operator`] : []),
    ...(deferredCount > 0 ? [`${countOf(deferredCount, 'mail')} put off by the other side`] : []),
  ];
}

export const keptOf = ({ settled: { captured, refunded } }: MoneySums): number => captured - refunded;

/** Whether the sums agree, and those of each order: two orders could make up for each other. */
export const addsUp = (sums: MoneySums): boolean =>
  keptOf(sums) === sums.settled.confirmed && sums.settled.differing === 0;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** The order that a violation is about, if it names one: `<id>`, or `orders, <id>`. */
export const orderIn = (subject: string): string | undefined => {
  const last = subject.split(', ').at(-1) ?? '';
  return UUID.test(last) ? last : undefined;
};

/** The orders that are in no sum, in words; empty where there is none. */
export const leftOut = ({ unknown }: JournalSums): string =>
  unknown === 0
    ? ''
    : `${countOf(unknown, 'order')} of before this version ${unknown === 1 ? 'is' : 'are'} in no sum: the amounts were not kept.`;
