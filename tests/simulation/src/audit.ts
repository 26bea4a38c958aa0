import { idleQueueRules, orderRules, queueRules, requestRules, type Rule, violationsOf } from '@orderflow/invariants';
import { factsOf, queuesOf, requestOf } from './facts.js';
import type { Rules } from './rules.js';
import type { Shop } from './shop.js';

/**
 * Checks the invariants of a finished system, over what is in memory. Called when nothing can happen any more.
 * @param isUndisturbed whether the run was without faults
 */
export function audit(shop: Shop, rules: Rules, isUndisturbed: boolean): void {
  const check = <Facts>(all: readonly Rule<Facts>[], subjects: readonly Facts[]) => {
    for (const { rule, subject, expected, found } of violationsOf(all, subjects))
      rules.violated(`${rule} (${subject}: ${found}; expected: ${expected})`);
  };
  check(
    requestRules,
    shop.customers.map((customer) => requestOf(shop, customer)),
  );
  check(
    orderRules,
    shop.customers.map(({ orderId }) => factsOf(shop, rules, orderId)),
  );
  const queues = queuesOf(shop);
  check(queueRules, queues);
  check(idleQueueRules, queues);
  for (const consumer of shop.broker.consumers)
    if (consumer.lag > 0) rules.violated(`${consumer.subscription.groupId} has consumed all published events`);
  if (isUndisturbed && [...rules.copies.values()].some((copies) => copies > 1))
    rules.violated('a run without faults publishes no event twice');
  rules.check();
}
