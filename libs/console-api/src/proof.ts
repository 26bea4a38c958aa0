import { z } from 'zod';
import { readingOf } from './flow.js';
import { instant } from './pieces.js';

const words = z.string().max(2_000);
const count = z.int().min(0);

/** How many violations of a rule a report that is kept names; it counts all of them. */
export const MOST_VIOLATIONS = 10;

export const auditFinding = z
  .strictObject({
    id: z.string().min(1).max(64),
    rule: words,
    expected: words.describe('The figures of one side, over the whole system'),
    found: words.describe('Those of the other side'),
    count: count.describe('Violations; 0 where the rule holds'),
    violations: z
      .array(z.strictObject({ subject: words, expected: words, found: words }))
      .max(MOST_VIOLATIONS)
      .describe('The first of them'),
  })
  .meta({ id: 'AuditFinding' });
export type AuditFinding = z.output<typeof auditFinding>;

/** A report of `orderflow audit`, as `--post` sends it. */
export const auditReport = z
  .strictObject({
    version: z.literal(1),
    at: instant.describe('By the clock of the audit; a report is named by it'),
    deadlineSeconds: z.number().min(0),
    findings: z.array(auditFinding).min(1).max(100),
    parkedCount: count,
    deadCallCount: count,
    deferredCount: count,
  })
  .meta({ id: 'AuditReport' });
export type AuditReport = z.output<typeof auditReport>;

export const auditSummary = z
  .object({ at: instant, rules: count, broken: count.describe('Rules that do not hold') })
  .meta({ id: 'AuditSummary' });
export type AuditSummary = z.output<typeof auditSummary>;

export const auditList = z.object({ items: z.array(auditSummary).describe('The newest first') });
export type AuditList = z.output<typeof auditList>;

/** Of one currency, in minor units. */
export const moneySums = z.object({
  currency: z.string(),
  settled: z.object({
    orders: count,
    captured: z.number().describe('Sum of PaymentCaptured'),
    refunded: z.number().describe('Sum of PaymentRefunded'),
    confirmed: z.number().describe('Totals of the confirmed orders'),
    differing: count.describe(
      'Orders whose captured − refunded is not what is due: their total, or 0 of a cancelled one',
    ),
  }),
  underWay: z.object({ orders: count, kept: z.number().describe('captured − refunded so far') }),
});
export type MoneySums = z.output<typeof moneySums>;

export const journalSums = z.object({
  money: z.array(moneySums),
  unknown: count.describe('Settled orders that an earlier version stored without amounts; they are in no sum'),
  gaps: z.object({
    orders: count.describe('Orders of which the journal has a later event of a source but not all earlier ones'),
    events: count.describe('Events that are missing'),
    first: z.array(z.string()).describe('The newest of these orders, 5 at most'),
  }),
});
export type JournalSums = z.output<typeof journalSums>;

/** Whether it all adds up: by the journal alone, and by the last audit of all databases. */
export const proof = z
  .object({
    at: instant.nullable().describe('Null for now'),
    now: instant.describe('By the clock of the console'),
    sums: readingOf(journalSums),
    audit: auditReport.nullable().describe('The last one; null where none was posted'),
    history: z.array(auditSummary).describe('The newest first'),
  })
  .meta({ id: 'Proof' });
export type Proof = z.output<typeof proof>;
