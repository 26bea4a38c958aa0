import { setTimeout as sleep } from 'node:timers/promises';
import { audit, type AuditReport } from './audit.ts';
import type { Databases } from './database-reader.ts';

const POLL_MS = 500;

/**
 * Audits a system that gets no more requests, with no order too young, until every rule holds and nothing is parked.
 * @returns that report, or the last one when that takes longer than `withinMs`
 */
export async function auditUntilPasses(databases: Databases, withinMs: number): Promise<AuditReport> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const report = await audit(databases, 0);
    if ((report.ok && report.parked.length === 0) || Date.now() >= deadline) return report;
    await sleep(POLL_MS);
  }
}
