import type { WorkingSet } from '@orderflow/decider';
import type { Service } from '@orderflow/contracts';
import type { ServiceOptions } from '@orderflow/durable';
import type { Tx } from '../memory/sessions.js';

/** All that makes a service, without where it stands. */
export type Options<S extends Service, State, Command, Event, Loaded extends WorkingSet<State, Command>> = Omit<
  ServiceOptions<S, State, Command, Event, Loaded, Tx>,
  'connections'
>;
