import type { Event, EventBody, EventType, Service } from './events.js';
import { orderSaga } from './order-saga.js';

type Step = (typeof orderSaga)[number];

/** The events that a service hears. */
export type HeardBy<S extends Service> = Extract<Extract<Step, { at: S }>['on'], EventType>;

/** The events that a service says. */
export type SaidBy<S extends Service> = Extract<Step, { at: S }>['says'][number];

/** A service's part of the saga: exactly one reaction for each event that it hears; one too few or too many does not compile. */
export type ReactionsOf<S extends Service, Command> = {
  readonly [Type in HeardBy<S>]: (event: Event<Type>) => Command;
};

/** What a service may publish. */
export type Said<S extends Service> = EventBody<SaidBy<S>>;

/** The events that a service hears, for its subscription. */
export const heardBy = <S extends Service>(service: S): readonly HeardBy<S>[] => [
  ...new Set(
    orderSaga.filter((step) => step.at === service && !/[ /]/.test(step.on)).map((step) => step.on as HeardBy<S>),
  ),
];
