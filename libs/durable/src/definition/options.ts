import type { ExternalCall, WorkingSet } from '@orderflow/decider';
import type { ReactionsOf, Service } from '@orderflow/contracts';
import type { Connections } from '../store/connections.js';
import type { Projection } from './projection.js';
import type { Handling } from './service.js';
import type { Sql } from '../store/sql.js';

/**
 * Makes one outside call and says what it means as a command. It rejects when the outcome is not known; then it is asked
 * again with the same key. It must give up by itself when `signal` aborts.
 */
export type Caller<Command> = (call: ExternalCall, signal: AbortSignal) => Promise<Command>;

/** All that makes one service: what is its own, and where it stands. */
export interface ServiceOptions<
  S extends Service,
  State,
  Command,
  Event,
  Loaded extends WorkingSet<State, Command>,
  Tx = Sql,
> {
  readonly connections: Connections;
  readonly handling: Handling<State, Command, Event, Loaded, Tx>;
  /** One for each event that the saga says this service hears. */
  readonly reactions: ReactionsOf<S, Command>;
  /** By kind of outside call. */
  readonly callers?: Readonly<Record<string, Caller<Command>>>;
  /** The command for a subject whose deadline has passed. */
  readonly onDeadline?: (subject: string) => Command;
  /** Read models, each fed in a consumer group of its own. */
  readonly projections?: readonly Projection<Tx>[];
}
