import type { Service } from '@orderflow/contracts';
import type { Cause, Decider, Effect, WorkingSet } from '@orderflow/decider';
import type { RawRecord } from '@orderflow/kafka';
import type { Sql } from '../store/sql.js';

/** What comes in to be handled, from wherever it comes. */
export type Incoming<Command> = Asked<Command> | Heard<Command> | Unreadable;

/** A command of ours: a request, a deadline that has passed, an answer from outside. */
export interface Asked<Command> {
  readonly kind: 'asked';
  readonly command: Command;
  readonly cause: Cause;
  /** The outside call whose answer this is; its row goes in the same transaction. */
  readonly answers?: string;
}

/** An event from Kafka: handled once, parked when it breaks a rule or when its subject is parked. */
export interface Heard<Command> {
  readonly kind: 'heard';
  readonly command: Command;
  readonly cause: Cause;
  readonly subject: string;
  readonly record: RawRecord;
  /** Its row in `parked`, when this is another try. */
  readonly parkedId?: string;
}

/** A record that cannot be read: parked as it is. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly subject: string;
  readonly record: RawRecord;
  readonly reason: string;
  readonly parkedId?: string;
}

/** What became of one incoming, once its transaction is committed. */
export type Outcome<State> =
  | {
      readonly kind: 'done';
      readonly state: State;
      /** How the story of its subject ended, if it did with this. */
      readonly ending?: string;
    }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'parked'; readonly reason: string }
  | { readonly kind: 'refused'; readonly error: unknown };

/** One event that a batch led to. */
export interface Happened<Event, State> {
  /** UUIDv7; the published event carries the same one. */
  readonly id: string;
  readonly event: Event;
  /** The state just after it. */
  readonly state: State;
  readonly cause: Cause;
}

/** Many rows <-> many states. */
export interface Repository<State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql> {
  /** All that the commands touch: rows that are missing are inserted first, then all are locked in key order. */
  load(tx: Tx, commands: readonly Command[]): Promise<Loaded>;
  /** Only what changed, one statement per table. */
  save(tx: Tx, loaded: Loaded, happened: readonly Happened<Event, State>[]): Promise<void>;
}

/** All that the command handler must know of a service. */
export interface Handling<State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql> {
  /** Source of the events. */
  readonly service: Service;
  /** Name in the inbox and in `parked`; the consumer group. */
  readonly consumer: string;
  readonly decider: Decider<State, Command, Event>;
  readonly repository: Repository<State, Command, Event, Loaded, Tx>;
  /** What an event calls for; `state` is the one just after it. */
  readonly effects: (event: Event, state: State, cause: Cause) => readonly Effect[];
  /** False where `decide` itself knows what it has seen (projections). */
  readonly inbox?: boolean;
  /** Told what is committed, for metrics. A crash in between keeps it from being told: nothing may depend on it. */
  readonly observe?: (happened: readonly Happened<Event, State>[]) => void;
}
