import type { Event, EventBody, EventType, Service } from './events.js';
import { orderSaga, type SagaStep } from './order-saga.js';

type Step = (typeof orderSaga)[number];
type Consumed<S extends Step> = S extends { on: infer Type } | { needs: readonly (infer Type)[] } ? Type : never;

/** The events that a service consumes. */
export type ConsumedBy<S extends Service> = Extract<Consumed<Extract<Step, { at: S }>>, EventType>;

/** The events that a service publishes. */
export type PublishedBy<S extends Service> = Extract<Step, { at: S }>['publishes'][number];

/**
 * A service's part of the saga: one reaction for each event that it consumes, which makes a command of it.
 * A missing or an additional reaction does not compile.
 */
export type ReactionsOf<S extends Service, Command> = {
  readonly [Type in ConsumedBy<S>]: (event: Event<Type>) => Command;
};

/** Type and data of the events that a service may publish. */
export type Published<S extends Service> = EventBody<PublishedBy<S>>;

/** The events that trigger a step; none where its trigger is a request or a deadline. */
export const eventsInto = (step: SagaStep): readonly EventType[] =>
  'on' in step ? [step.on] : 'needs' in step ? step.needs : [];

/** The events that a service consumes, for its subscription. */
export const consumedBy = <S extends Service>(service: S): readonly ConsumedBy<S>[] => [
  ...new Set(orderSaga.filter(({ at }) => at === service).flatMap(eventsInto) as ConsumedBy<S>[]),
];
