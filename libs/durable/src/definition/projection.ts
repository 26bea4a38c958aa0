import type { WorkingSet } from '@orderflow/decider';
import type { Event as Said, EventType } from '@orderflow/contracts';
import { ConsumerGroup, type Shared } from '../consumer/consumer-group.js';
import type { Handling } from './service.js';
import type { Sql } from '../store/sql.js';

type Outside = 'strategy' | 'redrive' | 'dryRunTarget' | 'start' | 'stop';

/** A read model, fed in a consumer group of its own. */
export interface Projection<Tx = Sql> {
  readonly consumer: string;
  readonly heard: readonly EventType[];
  consumerGroup(shared: Shared<Tx>): Pick<ConsumerGroup<unknown, unknown, unknown, never, Tx>, Outside>;
}

/**
 * Describes a read model. It publishes nothing, and it needs no inbox: its `decide` drops by `sequence` what it has seen.
 * @param reactions what it hears, each as a command of its own
 */
export function projection<State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql>(
  handling: Omit<Handling<State, Command, Event, Loaded, Tx>, 'effects' | 'inbox'>,
  reactions: { readonly [Type in EventType]?: (event: Said<Type>) => Command },
): Projection<Tx> {
  return {
    consumer: handling.consumer,
    heard: Object.keys(reactions) as EventType[],
    consumerGroup: (shared) => new ConsumerGroup({ ...handling, effects: () => [], inbox: false }, reactions, shared),
  };
}
