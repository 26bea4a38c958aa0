import type { Service } from '@orderflow/contracts';
import type { MessageContext, Decider, Effect, WorkingSet } from '@orderflow/decider';
import type { RawRecord } from '@orderflow/kafka';
import type { Sql } from '../store/sql.js';

/** What comes in to be handled, from wherever it comes. */
export type Incoming<Command> = IncomingCommand<Command> | IncomingEvent<Command> | UndecodableRecord;

/** A command of ours: a request, a deadline that has passed, an answer from outside. */
export interface IncomingCommand<Command> {
  readonly kind: 'command';
  readonly command: Command;
  readonly context: MessageContext;
  /** The outside call whose answer this is; its row goes in the same transaction. */
  readonly answers?: string;
}

/** An event from Kafka: handled once, parked when it breaks a rule or when its subject is parked. */
export interface IncomingEvent<Command> {
  readonly kind: 'event';
  readonly command: Command;
  readonly context: MessageContext;
  readonly subject: string;
  readonly record: RawRecord;
  /** Its row in `parked`, when this is another try. */
  readonly parkedId?: string;
}

/** A record that cannot be read: parked as it is. */
export interface UndecodableRecord {
  readonly kind: 'undecodable';
  readonly subject: string;
  readonly record: RawRecord;
  /** `refused` where the database refuses what a decodable event leads to. */
  readonly why: Exclude<ParkedKind, 'blocked'>;
  readonly reason: string;
  readonly parkedId?: string;
}

/** Undecodable, refused by the handler or the database, or blocked by an earlier record of its subject. */
export type ParkedKind = 'undecodable' | 'refused' | 'blocked';

/** Why a record is parked: `why` for programs, `reason` for people. */
export interface WhyParked {
  readonly why: ParkedKind;
  readonly reason: string;
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
  | ({ readonly kind: 'parked' } & WhyParked)
  | { readonly kind: 'refused'; readonly error: unknown };

/** One event that a batch led to. */
export interface RecordedEvent<Event, State> {
  /** UUIDv7; the published event carries the same one. */
  readonly id: string;
  readonly event: Event;
  /** The state just after it. */
  readonly state: State;
  readonly context: MessageContext;
}

/** Many rows <-> many states. */
export interface Repository<State, Command, Event, Loaded extends WorkingSet<State, Command>, Tx = Sql> {
  /** All that the commands touch: rows that are missing are inserted first, then all are locked in key order. */
  load(tx: Tx, commands: readonly Command[]): Promise<Loaded>;
  /** Only what changed, one statement per table. */
  save(tx: Tx, loaded: Loaded, happened: readonly RecordedEvent<Event, State>[]): Promise<void>;
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
  readonly effects: (event: Event, state: State, context: MessageContext) => readonly Effect[];
  /** False where `decide` itself knows what it has seen (projections). */
  readonly inbox?: boolean;
  /** Told what is committed, for metrics. A crash in between keeps it from being told: nothing may depend on it. */
  readonly observe?: (happened: readonly RecordedEvent<Event, State>[]) => void;
}
