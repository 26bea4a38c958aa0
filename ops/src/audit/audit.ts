import { queueRules, type Rule, stockRules } from '@orderflow/invariants';
import { DatabaseReader, type Databases } from './database-reader.ts';
import { type Finding, Tally } from './finding.ts';
import { judgeOrders } from './judge-orders.ts';
import { type ParkedRow, readQueues } from './queues.ts';
import { readStock } from './stock.ts';

export interface AuditReport {
  /** Of this shape. */
  version: 1;
  /** ISO 8601. */
  at: string;
  deadlineSeconds: number;
  /** Whether every rule holds. */
  ok: boolean;
  findings: Finding[];
  /** Parked events with the service that holds them, 100 of each at most. By themselves they break no rule. */
  parked: (ParkedRow & { service: string })[];
  parkedCount: number;
}

// An order that is over at its deadline has still to be compensated elsewhere, and a provider may answer late.
const SETTLING_SECONDS = 30;

/**
 * Compares the databases of orders, inventory, payments and notifications with each other and with the sandbox's charges and
 * mails. May run while the system is at work.
 * @param deadlineSeconds ORDER_DEADLINE_SECONDS of the audited system; with 0 no order is too young to be settled
 * @throws Error when a database cannot be read
 */
export async function audit(databases: Databases, deadlineSeconds: number): Promise<AuditReport> {
  const lateAfterSeconds = deadlineSeconds === 0 ? 0 : deadlineSeconds + SETTLING_SECONDS;
  return DatabaseReader.use(databases, async (reader) => {
    const byOrder = await judgeOrders(reader, lateAfterSeconds);
    const byProduct = judgeAll(stockRules, await readStock(reader));
    const queues = await readQueues(reader);
    const findings = [...byOrder, ...byProduct, ...judgeAll(queueRules, queues)];
    return {
      version: 1,
      at: new Date().toISOString(),
      deadlineSeconds,
      ok: findings.every(({ count }) => count === 0),
      findings,
      parked: queues.flatMap(({ service, parkedRows }) => parkedRows.map((row) => ({ service, ...row }))),
      parkedCount: queues.reduce((sum, { parked }) => sum + parked, 0),
    };
  });
}

function judgeAll<Facts>(rules: readonly Rule<Facts>[], subjects: readonly Facts[]): Finding[] {
  return rules.map((rule) => {
    const tally = new Tally(rule);
    for (const facts of subjects) tally.add(facts);
    return tally.finding();
  });
}
