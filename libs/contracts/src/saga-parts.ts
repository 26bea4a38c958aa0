import type { Event, EventBody, EventType, Service } from './events.js';
import { orderSaga } from './order-saga.js';

type Step = (typeof orderSaga)[number];

/** The events that a service hears. */
export type ConsumedBy<S extends Service> = Extract<Extract<Step, { at: S }>['on'], EventType>;

/** The events that a service publishes. */
export type PublishedBy<S extends Service> = Extract<Step, { at: S }>['publishes'][number];

/** A service's part of the saga: exactly one reaction for each event that it hears; one too few or too many does not compile. */
export type ReactionsOf<S extends Service, Command> = {
  readonly [Type in ConsumedBy<S>]: (event: Event<Type>) => Command;
};

/** What a service may publish. */
export type Published<S extends Service> = EventBody<PublishedBy<S>>;

/** The events that a service hears, for its subscription. */
export const consumedBy = <S extends Service>(service: S): readonly ConsumedBy<S>[] => [
  ...new Set(
    orderSaga.filter((step) => step.at === service && !/[ /]/.test(step.on)).map((step) => step.on as ConsumedBy<S>),
  ),
];
