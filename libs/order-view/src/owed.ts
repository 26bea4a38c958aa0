import { eventsInto, type EventType, outstanding, type SagaStep, type Service } from '@orderflow/contracts';

/** An answer that a service still owes an order, by the saga table. */
export interface Owed {
  readonly service: Service;
  /** One of these events answers it. */
  readonly oneOf: readonly EventType[];
  /** Ids of the events that it follows from. */
  readonly because: readonly string[];
}

/**
 * What is still owed to an order; the oldest first, so that the service of the first is the one that the order waits for.
 * @param events of the order, in the order in which they were appended
 */
export function owedTo(events: readonly { readonly id: string; readonly type: EventType }[]): Owed[] {
  const since = (step: SagaStep) => events.findLastIndex(({ type }) => eventsInto(step).includes(type));
  return outstanding(events.map(({ type }) => type))
    .toSorted((a, b) => since(a) - since(b))
    .map((step) => ({
      service: step.at,
      oneOf: step.publishes,
      because: events.filter(({ type }) => eventsInto(step).includes(type)).map(({ id }) => id),
    }));
}
