import type { Effect, MessageContext } from '@orderflow/decider';
import type { RawRecord } from '@orderflow/kafka';

/** The input of the command handler. */
export type Incoming<Command> = IncomingCommand<Command> | IncomingEvent<Command> | UndecodableRecord;

/** A command of the service itself: a request, a deadline that has passed, an answer to an external call. */
export interface IncomingCommand<Command> {
  readonly kind: 'command';
  readonly command: Command;
  readonly context: MessageContext;
  /** The external call that it answers; the call's row is deleted in the same transaction. */
  readonly answers?: string;
  /** Set where an operator answers instead of the other side: the call must be a dead letter, else the command is refused. */
  readonly settledBy?: Settlement;
}

/** What an operator made of an external call that is a dead letter. */
export interface Settlement {
  /** The name of the service's settlement, such as `void`. */
  readonly action: string;
  readonly operator: string;
  readonly reason: string;
}

/** An event from Kafka: handled once; parked when it breaks a rule or when its subject is parked. */
export interface IncomingEvent<Command> {
  readonly kind: 'event';
  readonly command: Command;
  readonly context: MessageContext;
  readonly subject: string;
  readonly record: RawRecord;
  /** Its row in `parked`, when this is a retry. */
  readonly parkedId?: string;
}

/** A record that is parked as it is. */
export interface UndecodableRecord {
  readonly kind: 'undecodable';
  readonly subject: string;
  readonly record: RawRecord;
  /** `refused` where the record can be decoded, but no command comes of it or the database refuses its effect. */
  readonly why: Exclude<ParkedKind, 'blocked'>;
  readonly reason: string;
  readonly parkedId?: string;
}

/** Undecodable, refused by the handler or the database, or blocked by an earlier record of its subject. */
export type ParkedKind = 'undecodable' | 'refused' | 'blocked';

/** Why a record is parked: `why` for programs, `reason` for operators. */
export interface WhyParked {
  readonly why: ParkedKind;
  readonly reason: string;
}

export interface Done<State> {
  readonly kind: 'done';
  readonly state: State;
  /** How many it led to: none for a command that changes nothing. */
  readonly events: number;
  /** The outcome of its subject (an order), if it ended with this. */
  readonly ending?: string;
}

/** The result of one incoming, once its transaction is committed. */
export type Outcome<State> =
  | Done<State>
  | { readonly kind: 'duplicate' }
  | ({ readonly kind: 'parked' } & WhyParked)
  | { readonly kind: 'refused'; readonly error: unknown };

/** One event that a batch led to. */
export interface RecordedEvent<Event = unknown, State = unknown> {
  /** UUIDv7; the published event carries the same one. */
  readonly id: string;
  readonly event: Event;
  /** The state just after it. */
  readonly state: State;
  readonly context: MessageContext;
  /** As it is published; undefined for an internal event. */
  readonly published?: Publication | undefined;
}

/** The effect by which an event is published. */
export type Publication = Extract<Effect, { publish: unknown }>;
