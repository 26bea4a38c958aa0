import type { EventType, ReactionsOf, Service } from '@orderflow/contracts';
import type { Handling, OutsideCall, WorkingSet } from './service.js';

/**
 * Makes one outside call and says what it means as a command. It rejects when the outcome is not known; then it is asked
 * again with the same key. It must give up by itself when `signal` aborts.
 */
export type Caller<Command> = (call: OutsideCall, signal: AbortSignal) => Promise<Command>;

/** Where the parts that a service stands on are. */
export interface Connections {
  /** PostgreSQL URL of this service's own database. */
  readonly databaseUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly schemaRegistryUrl: string;
  /** Register schemas that are not there yet; otherwise a missing one stops the start. */
  readonly schemaAutoRegister: boolean;
  /** Before every topic and group name: several systems can share a broker. */
  readonly topicPrefix: string;
  /** How often the outbox is looked at when nothing pokes the relay. */
  readonly outboxPollMs: number;
}

/** All that makes one service: what is its own, and where it stands. */
export interface ServiceOptions<S extends Service, State, Command, Event, Loaded extends WorkingSet<State, Command>> {
  readonly connections: Connections;
  readonly handling: Handling<State, Command, Event, Loaded>;
  /** One for each event that the saga says this service hears. */
  readonly reactions: ReactionsOf<S, Command>;
  /** By kind of outside call. */
  readonly callers?: Readonly<Record<string, Caller<Command>>>;
  /** The command for a subject whose deadline has passed. */
  readonly onDeadline?: (subject: string) => Command;
}

/** A read model, fed in a consumer group of its own. */
export interface ProjectionOptions<State, Command, Event, Loaded extends WorkingSet<State, Command>> {
  readonly connections: Connections;
  /** With `inbox: false`: `decide` drops by `sequence` what it has seen. */
  readonly handling: Handling<State, Command, Event, Loaded>;
  readonly reactions: { readonly [Type in EventType]?: (event: never) => Command };
}
