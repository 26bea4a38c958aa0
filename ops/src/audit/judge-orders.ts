import type { Reader } from './books.ts';
import { type OrderFacts, everyDossier, readDossiers } from './facts.ts';
import { effectRules } from './effect-rules.ts';
import { type Finding, Tally } from './finding.ts';
import { historyRules } from './history-rules.ts';

/** Orders that are looked at together: what is in memory at a time. */
const AT_ONCE = 2_000;

export const orderRules = [...historyRules, ...effectRules];

/** Looks at every order there is, and at everything that claims to be of one. */
export async function judgeOrders(books: Reader, lateAfterSeconds: number): Promise<Finding[]> {
  const tallies = orderRules.map((rule) => new Tally(rule));
  for await (const read of everyDossier(books, AT_ONCE)) {
    for (const facts of await lookAgain(books, read, lateAfterSeconds))
      for (const tally of tallies) tally.add(facts, lateAfterSeconds);
  }
  return tallies.map((tally) => tally.finding());
}

/**
 * The five databases have no moment in common: an order that is placed after orders was read, and charged before the
 * provider was, seems to be charged without having been placed. What looks wrong is read again, orders first again, so that
 * only what is wrong at both looks is told.
 */
async function lookAgain(books: Reader, read: OrderFacts[], lateAfterSeconds: number): Promise<OrderFacts[]> {
  const isWrong = (facts: OrderFacts) => orderRules.some((it) => it.judge(facts, lateAfterSeconds).broken);
  const ids = read.filter(isWrong).map(({ orderId }) => orderId);
  if (ids.length === 0) return read;
  const wrong = new Set(ids);
  return [...read.filter(({ orderId }) => !wrong.has(orderId)), ...(await readDossiers(books, { ids }))];
}
