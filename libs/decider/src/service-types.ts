import type { Service } from '@orderflow/contracts';
import type { WorkingSet } from './working-set.js';

/** The types of one service, named once and passed on as one. */
export interface ServiceTypes<
  S extends Service = Service,
  State = unknown,
  Command = unknown,
  Event = unknown,
  Loaded extends WorkingSet<State, Command> = WorkingSet<State, Command>,
> {
  readonly service: S;
  readonly state: State;
  readonly command: Command;
  readonly event: Event;
  readonly workingSet: Loaded;
}
