import { type OrderFacts, orderRules } from '@orderflow/invariants';
import type { Reader } from './database-reader.ts';
import { type Finding, Tally } from './finding.ts';
import { readAllOrderFacts, readOrderFacts } from './order-facts.ts';

/** Orders that are in memory at a time. */
const AT_ONCE = 2_000;

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
