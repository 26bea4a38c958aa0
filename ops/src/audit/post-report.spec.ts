import { describe, expect, it } from '@jest/globals';
import { auditReport } from '@orderflow/console-api';
import type { AuditReport } from './audit.ts';
import { postedOf } from './post-report.ts';

const violation = { subject: 'an order', expected: 'x'.repeat(9_000), found: 'nothing' };
const report: AuditReport = {
  version: 1,
  at: '2026-11-21T12:00:00.000Z',
  deadlineSeconds: 60,
  ok: false,
  findings: [
    {
      id: 'mails',
      rule: 'one mail per template',
      expected: '3 mails',
      found: '2 mails',
      count: 4_000,
      violations: Array.from({ length: 100 }, () => violation),
      problems: [],
    },
  ],
  parked: [],
  parkedCount: 2,
  deadCalls: [],
  deferredCalls: [],
  deferredCount: 1,
};

describe('a report for the console', () => {
  it('has all figures, and no more violations and text than the console takes', () => {
    const posted = auditReport.parse(postedOf(report));
    expect(posted).toMatchObject({ at: report.at, parkedCount: 2, deadCallCount: 0, deferredCount: 1 });
    const [{ count, violations }] = posted.findings as [(typeof posted.findings)[number]];
    expect(count).toBe(4_000);
    expect(violations).toHaveLength(10);
    expect(JSON.stringify(posted).length).toBeLessThan(50_000);
  });
});
