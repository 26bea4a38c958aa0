import type { AuditReport, AuditSummary } from '@orderflow/console-api';

/** The token by which a controller gets them: http/ and adapters/ do not import each other. */
export const Audits = Symbol('Audits');

/** Reports of the audit, which reads the databases of all services from outside; the console keeps what it is sent. */
export interface Audits {
  /** All methods: @throws TransientError when the database does not answer */
  keep(report: AuditReport): Promise<void>;
  /** The newest `count` up to an instant, the newest first. */
  list(until: Date | undefined, count: number): Promise<AuditSummary[]>;
  /** The newest one up to an instant. */
  last(until: Date | undefined): Promise<AuditReport | undefined>;
  /** The one of that instant. */
  of(at: Date): Promise<AuditReport | undefined>;
}

/** What stands in the history. A rule that has a violation does not hold, whatever else a report says. */
export const summaryOf = ({ at, findings }: AuditReport): AuditSummary => ({
  at,
  rules: findings.length,
  broken: findings.filter(({ count }) => count > 0).length,
});
