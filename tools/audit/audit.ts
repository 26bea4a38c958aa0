import { type Databases, type ParkedRow, readBooks } from './books.ts';
import { type Finding, rules } from './rules.ts';

export interface AuditReport {
  /** Whether every rule holds. */
  ok: boolean;
  findings: Finding[];
  /** Events that could not be handled, by the service that holds them. They break no rule; somebody has to know of them. */
  parked: (ParkedRow & { service: string })[];
}

/**
 * Compares what orders, inventory, payments and notifications have on their books with each other, and with those of the world
 * outside (the sandbox's charges and mails). May run while orders go on.
 * @param deadlineSeconds ORDER_DEADLINE_SECONDS of the audited system
 */
export async function audit(databases: Databases, deadlineSeconds: number): Promise<AuditReport> {
  const books = await readBooks(databases);
  const findings = rules.map((rule) => rule(books, deadlineSeconds));
  return {
    ok: findings.every(({ problems }) => problems.length === 0),
    findings,
    parked: books.waiting.flatMap(({ service, parked }) => parked.map((row) => ({ service, ...row }))),
  };
}
