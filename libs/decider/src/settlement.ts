import type { ExternalCall } from './effect.js';

/** What an operator knows of a call that is settled by hand. */
export interface SettlementNote {
  /** The other side's id of what was done there, such as a refund; undefined where the operator knows none. */
  readonly reference: string | undefined;
  /** Why the operator settles it. */
  readonly reason: string;
  /** When, an ISO 8601 UTC instant. */
  readonly at: string;
}

/** Answers that an operator may give instead of the other side, once a call is a dead letter or waits: by kind of call, by name. */
export type Settlements<Command> = Readonly<
  Record<string, Readonly<Record<string, (call: ExternalCall, note: SettlementNote) => Command>>>
>;
