import { setTimeout as sleep } from 'node:timers/promises';
import { audit, type AuditReport } from './audit.ts';
import type { Databases } from './books.ts';

const POLL_MS = 500;

/**
 * Audits a system to which nothing more is done, however young its orders are, until nothing is wrong and nothing parked.
 * @returns that report, or the last one when that takes longer
 */
export async function auditUntilContent(databases: Databases, withinMs: number): Promise<AuditReport> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const report = await audit(databases, 0);
    if ((report.ok && report.parked.length === 0) || Date.now() >= deadline) return report;
    await sleep(POLL_MS);
  }
}
