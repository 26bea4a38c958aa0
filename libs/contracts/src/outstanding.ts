import type { EventType } from './events.js';
import { orderSaga, type SagaStep } from './order-saga.js';
import { eventsInto } from './saga-parts.js';

/**
 * The steps of the saga whose answer is still missing for one order.
 * @param published the types of all events about the order, each as often as it was published
 * @returns the steps in the order of the table; none once the order is settled
 */
export function outstanding(published: readonly EventType[]): readonly SagaStep[] {
  // An event answers one step: a cancellation and its refund are two mails.
  const answers = [...published];
  return orderSaga.filter((step: SagaStep) => {
    if (!isOwed(step, published)) return false;
    const answer = answers.findIndex((type) => step.publishes.includes(type));
    if (answer !== -1) answers.splice(answer, 1);
    return answer === -1;
  });
}

function isOwed(step: SagaStep, published: readonly EventType[]): boolean {
  const { owed } = step;
  if (owed === undefined || !eventsInto(step).every((type) => published.includes(type))) return false;
  if (owed === 'always') return true;
  return 'if' in owed ? published.includes(owed.if) : !published.includes(owed.unless);
}
