import { Books, type Databases } from './books.ts';
import { type Finding, type Rule, Tally } from './finding.ts';
import { judgeOrders } from './judge-orders.ts';
import { readStock, stockRules } from './stock.ts';
import { type ParkedRow, readWaiting, waitingRules } from './waiting.ts';

export interface AuditReport {
  /** Of this shape. */
  version: 1;
  /** ISO 8601. */
  at: string;
  deadlineSeconds: number;
  /** Whether every rule holds. */
  ok: boolean;
  findings: Finding[];
  /**
   * Events that could not be handled, by the service that holds them, 100 of each at most. They break no rule by themselves;
   * somebody has to know of them.
   */
  parked: (ParkedRow & { service: string })[];
  parkedCount: number;
}

// An order that is over at its deadline has still to be undone elsewhere, and a provider may answer late.
const SETTLING_SECONDS = 30;

/**
 * Compares what orders, inventory, payments and notifications have on their books with each other, and with those of the world
 * outside (the sandbox's charges and mails). May run while orders go on.
 * @param deadlineSeconds ORDER_DEADLINE_SECONDS of the audited system; with 0 no order is too young to be settled
 */
export async function audit(databases: Databases, deadlineSeconds: number): Promise<AuditReport> {
  const lateAfterSeconds = deadlineSeconds === 0 ? 0 : deadlineSeconds + SETTLING_SECONDS;
  return Books.reading(databases, async (books) => {
    const byOrder = await judgeOrders(books, lateAfterSeconds);
    const byProduct = judgeAll(stockRules, await readStock(books), lateAfterSeconds);
    const waiting = await readWaiting(books);
    const findings = [...byOrder, ...byProduct, ...judgeAll(waitingRules, waiting, lateAfterSeconds)];
    return {
      version: 1,
      at: new Date().toISOString(),
      deadlineSeconds,
      ok: findings.every(({ count }) => count === 0),
      findings,
      parked: waiting.flatMap(({ service, parked }) => parked.map((row) => ({ service, ...row }))),
      parkedCount: waiting.reduce((sum, { parkedCount }) => sum + parkedCount, 0),
    };
  });
}

function judgeAll<Subject>(
  rules: readonly Rule<Subject>[],
  subjects: readonly Subject[],
  lateAfterSeconds: number,
): Finding[] {
  return rules.map((rule) => {
    const tally = new Tally(rule);
    for (const subject of subjects) tally.add(subject, lateAfterSeconds);
    return tally.finding();
  });
}
