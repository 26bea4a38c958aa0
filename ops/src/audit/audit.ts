import { setTimeout as sleep } from 'node:timers/promises';
import { expiredRules, type OrderFacts, orderRules, priceRules, queueRules, stockRules } from '@orderflow/invariants';
import { type Databases, withDatabases, type Reader } from './database-reader.ts';
import { type Finding, judgeAll, Tally } from './finding.ts';
import { judgeJournal, type LogAddress } from './journal.ts';
import { readAllOrderFacts, readOrderFacts } from './order-facts.ts';
import { readPrices } from './prices.ts';
import {
  type DeadCallRow,
  type DeferredCallRow,
  type ParkedRow,
  readExpired,
  readQueues,
  readStock,
} from './stock-and-queues.ts';

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
  /** External calls that are dead letters, 100 of each service at most. An order that waits for one breaks `settled`. */
  deadCalls: (DeadCallRow & { service: string })[];
  /** External calls that the other side has put off, such as mails, 100 of each service at most. They break no rule. */
  deferredCalls: (DeferredCallRow & { service: string })[];
  deferredCount: number;
}

// An order that is over at its deadline has still to be compensated elsewhere, and a provider may answer late.
const SETTLING_SECONDS = 30;
const POLL_MS = 500;
/** Orders that are in memory at a time. */
const AT_ONCE = 2_000;

/**
 * Compares the databases of orders, inventory, payments and notifications with each other and with the sandbox's charges and
 * mails, and the journal of the console with the topics. May run while the system is at work.
 * @param system the topics are asked for where it has a console
 * @param deadlineSeconds ORDER_DEADLINE_SECONDS of the audited system; with 0 no order is too young to be settled
 * @throws Error when a database or a topic cannot be read
 */
export async function audit(system: Databases & LogAddress, deadlineSeconds: number): Promise<AuditReport> {
  const lateAfterSeconds = deadlineSeconds === 0 ? 0 : deadlineSeconds + SETTLING_SECONDS;
  return withDatabases(system, async (reader) => {
    const byOrder = await judgeOrders(reader, lateAfterSeconds);
    const byProduct = [
      ...judgeAll(stockRules, await readStock(reader)),
      ...judgeAll(priceRules, await readPrices(reader)),
    ];
    const queues = await readQueues(reader);
    const expired = judgeAll(expiredRules, await readExpired(reader));
    const journal = await judgeJournal(reader, system);
    const findings = [...byOrder, ...byProduct, ...judgeAll(queueRules, queues), ...expired, ...journal];
    return {
      version: 1,
      at: new Date().toISOString(),
      deadlineSeconds,
      ok: findings.every(({ count }) => count === 0),
      findings,
      parked: queues.flatMap(({ service, parkedRows }) => parkedRows.map((row) => ({ service, ...row }))),
      parkedCount: queues.reduce((sum, { parked }) => sum + parked, 0),
      deadCalls: queues.flatMap(({ service, deadCalls }) => deadCalls.map((row) => ({ service, ...row }))),
      deferredCalls: queues.flatMap(({ service, deferredCalls }) => deferredCalls.map((row) => ({ service, ...row }))),
      deferredCount: queues.reduce((sum, { deferredCount }) => sum + deferredCount, 0),
    };
  });
}

/**
 * Audits a system that gets no more requests, with no order too young, until every rule holds and nothing is parked.
 * @returns that report, or the last one when that takes longer than `withinMs`
 */
export async function auditUntilPasses(system: Databases & LogAddress, withinMs: number): Promise<AuditReport> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const report = await audit(system, 0);
    if ((report.ok && report.parked.length === 0) || Date.now() >= deadline) return report;
    await sleep(POLL_MS);
  }
}

/** Judges every order, and everything that refers to one. */
export async function judgeOrders(reader: Reader, lateAfterSeconds: number): Promise<Finding[]> {
  const tallies = orderRules.map((rule) => new Tally(rule));
  for await (const read of readAllOrderFacts(reader, AT_ONCE, lateAfterSeconds)) {
    for (const facts of await readBrokenAgain(reader, read, lateAfterSeconds))
      for (const tally of tallies) tally.add(facts);
  }
  return tallies.map((tally) => tally.finding());
}

/**
 * The five databases have no moment in common: an order that is placed after orders was read, and charged before the provider
 * was read, seems to be charged without having been placed. Orders that break a rule are read again, orders first again, so
 * only violations seen both times are reported.
 */
async function readBrokenAgain(reader: Reader, read: OrderFacts[], lateAfterSeconds: number): Promise<OrderFacts[]> {
  const isBroken = (facts: OrderFacts) => orderRules.some((rule) => rule.judge(facts).broken);
  const ids = read.filter(isBroken).map(({ orderId }) => orderId);
  if (ids.length === 0) return read;
  const broken = new Set(ids);
  const sound = read.filter(({ orderId }) => !broken.has(orderId));
  return [...sound, ...(await readOrderFacts(reader, { ids }, lateAfterSeconds))];
}
