import type { Event, EventType, ReactionsOf } from '@orderflow/contracts';
import type {
  Decider,
  Effect,
  MessageContext,
  ServiceTypes,
  Settlements,
  TakeBack,
  WorkingSet,
} from '@orderflow/decider';
import type { PendingCall } from '../calls/external-calls.js';
import type { Sql } from '../store/sql.js';
import type { Pair } from '../rebuild/pair.js';
import type { KeptEvents } from '../recovery/kept-events.js';
import type { RecordedEvent } from '../transaction/incoming.js';

/** The working set of a batch, as its repository loads it. */
export type LoadedStates<T extends ServiceTypes> = WorkingSet<T['state'], T['command']> & T['workingSet'];

/** Many rows <-> many states. */
export interface Repository<T extends ServiceTypes, Tx = Sql> {
  /** Everything that the commands touch: missing rows are inserted first, then all rows are locked in key order. */
  load(tx: Tx, commands: readonly T['command'][]): Promise<LoadedStates<T>>;
  /** Only the changes, one statement per table. */
  save(tx: Tx, loaded: LoadedStates<T>, recorded: readonly RecordedEvent<T['event'], T['state']>[]): Promise<void>;
}

/** One consumer group: its decider and tables, its reactions to events, and their effects. */
export interface ConsumerDefinition<T extends ServiceTypes = ServiceTypes, Tx = Sql> {
  /** Source of the events that it publishes. */
  readonly service: T['service'];
  /** Name of the consumer group, in Kafka, in the inbox and in `parked`. */
  readonly consumer: string;
  readonly decider: Decider<T['state'], T['command'], T['event']>;
  readonly repository: Repository<T, Tx>;
  /** By type of the consumed event: the command that it leads to. */
  readonly reactions: { readonly [Type in EventType]?: (event: Event<Type>) => T['command'] };
  /** False where `decide` recognises duplicates by their sequence (projections). */
  readonly inbox?: boolean;
  /** The effects of an event; `state` is the one just after it. */
  effects?(event: T['event'], state: T['state'], context: MessageContext): readonly Effect[];
  /** Called after the commit, for metrics. A crash in between skips it: nothing may depend on it. */
  observe?(recorded: readonly RecordedEvent<T['event'], T['state']>[]): void;
  /** A read model that can be built anew while it is read. */
  readonly readModel?: ReadModel<T, Tx>;
}

/** The table of a projection, as `Rebuild` needs to know it. */
export interface ReadModel<T extends ServiceTypes = ServiceTypes, Tx = Sql> {
  readonly table: string;
  /** The column of the subject, a uuid. */
  readonly key: string;
  /** The columns of the version vector: the number of the last event of each source. They decide everything else in the row. */
  readonly versions: readonly string[];
  /** The column with the time of the first event; null until it was consumed. */
  readonly since: string;
  /** @param table with its schema */
  repository(table: string): Repository<T, Tx>;
  /** That of the projection, but it refuses an event whose predecessor of the same source is missing. */
  readonly decider: ConsumerDefinition<T, Tx>['decider'];
}

/** States that are stored beside the events that they follow from, in one transaction, as `SnapshotRebuild` needs to know them. */
export interface Snapshots<Tx = Sql> {
  /** How many there are, about. */
  count(tx: Tx): Promise<number>;
  /** The next subjects after a key, in key order: what is stored and the fold of the events, both of one moment. */
  page(tx: Tx, after: string, limit: number): Promise<Pair[]>;
  /** Locks these subjects, and replaces what is not the fold of their events. @returns how many were replaced */
  replace(tx: Tx, keys: readonly string[]): Promise<number>;
}

/**
 * Makes one external call and returns its answer as a command. It rejects when the outcome is not known; the call is then
 * repeated with the same key, with backoff or as a `NotAnswered` says. When `signal` aborts, the service stops or another
 * instance may make the call: it must give up by itself, unless that would repeat an effect.
 */
export type Caller<Command> = (call: PendingCall, signal: AbortSignal) => Promise<Command>;

/** A service, apart from the database, broker and clock that it runs on: those are its `Dependencies`. */
export interface ServiceDefinition<T extends ServiceTypes = ServiceTypes, Tx = Sql> extends ConsumerDefinition<T, Tx> {
  /** One for each event that the saga table lets the service consume. */
  readonly reactions: ReactionsOf<T['service'], T['command']>;
  /** By kind of external call. */
  readonly callers?: Readonly<Record<string, Caller<T['command']>>>;
  /** How many calls of a kind are made at a time by one instance; 512 where it is not given. */
  readonly callsAtOnce?: Readonly<Record<string, number>>;
  /** What an operator may make of a call that is a dead letter. */
  readonly settlements?: Settlements<T['command']>;
  /** By kind of external call: the fields of its request that no view shows. */
  readonly confidential?: Readonly<Record<string, readonly string[]>>;
  /** How its published events become part of its state again after a restore. */
  readonly takeBack: TakeBack<T>;
  /** The tables that keep what it has published, one for each kind of subject. */
  readonly keeps?: readonly KeptEvents<Tx>[];
  /** What its commands are decided on, where that follows from events that it keeps. */
  readonly snapshots?: Snapshots<Tx>;
  /** Read models, each fed by a consumer group of its own. */
  readonly projections?: readonly ConsumerDefinition<ServiceTypes, Tx>[];
  /** The command for a subject whose deadline has passed. */
  readonly onDeadline?: (subject: string) => T['command'];
}

/** The event types that a consumer group consumes. */
export const typesOf = ({ reactions }: Pick<ConsumerDefinition, 'reactions'>): EventType[] =>
  Object.keys(reactions) as EventType[];
