import type { Event as Said, EventType } from '@orderflow/contracts';
import { Consumption, type Shared } from './consumption.js';
import type { Handling, WorkingSet } from './service.js';

/** A read model, fed in a consumer group of its own. */
export interface Projection {
  readonly consumer: string;
  readonly heard: readonly EventType[];
  consumption(shared: Shared): Pick<Consumption<unknown, unknown, unknown, never>, 'strategy' | 'start' | 'stop'>;
}

/**
 * Describes a read model. It publishes nothing, and it needs no inbox: its `decide` drops by `sequence` what it has seen.
 * @param reactions what it hears, each as a command of its own
 */
export function projection<State, Command, Event, Loaded extends WorkingSet<State, Command>>(
  handling: Omit<Handling<State, Command, Event, Loaded>, 'effects' | 'inbox'>,
  reactions: { readonly [Type in EventType]?: (event: Said<Type>) => Command },
): Projection {
  return {
    consumer: handling.consumer,
    heard: Object.keys(reactions) as EventType[],
    consumption: (shared) => new Consumption({ ...handling, effects: () => [], inbox: false }, reactions, shared),
  };
}
