import { idleQueueRules, orderRules, queueRules, requestRules } from '@orderflow/invariants';
import { factsOf, queuesOf, requestOf } from './facts.js';
import type { SimulatedSystem } from './simulated-system.js';

/**
 * Checks the invariants of a system in which nothing is left to do.
 * @param hasNoFaults whether the run was without faults
 */
export function audit(system: SimulatedSystem, hasNoFaults: boolean): void {
  const { broker, customers, rules } = system;
  rules.require(
    requestRules,
    customers.map((customer) => requestOf(system, customer)),
  );
  rules.require(
    orderRules,
    customers.map(({ orderId }) => factsOf(system, orderId)),
  );
  const queues = queuesOf(system);
  rules.require(queueRules, queues);
  rules.require(idleQueueRules, queues);
  for (const consumer of broker.consumers)
    if (consumer.lag > 0) rules.violated(`${consumer.subscription.groupId} has consumed all published events`);
  if (hasNoFaults && [...rules.copies.values()].some((copies) => copies > 1))
    rules.violated('a run without faults publishes no event twice');
  rules.check();
}
