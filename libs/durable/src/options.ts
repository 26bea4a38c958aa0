import type { Event as Said, EventType, ReactionsOf, Service } from '@orderflow/contracts';
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
  /** Read models, each fed in a consumer group of its own. */
  readonly projections?: readonly Projection[];
}

/** A read model: it hears what it likes, publishes nothing and has `inbox: false`, for `decide` drops what it has seen. */
export interface Projection<State = never, Command = never, Event = never> {
  readonly handling: Handling<State, Command, Event, never>;
  readonly reactions: { readonly [Type in EventType]?: (event: Said<Type>) => Command };
}
