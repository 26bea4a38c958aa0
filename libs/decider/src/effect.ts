import type { EventBody } from '@orderflow/contracts';

/** What an event calls for outside of the service's own tables. It is written in the transaction of the event. */
export type Effect =
  | {
      /** Say it to the others, through the outbox. */
      readonly publish: EventBody;
      /** The order (or SKU) it is about. */
      readonly subject: string;
      /** Position among what this service said about the subject, from 1. */
      readonly sequence: number;
    }
  /** `causationId`: the cause of the events that follow from the answer; left out: the cause of this event. */
  | { readonly call: ExternalCall; readonly causationId?: string }
  | { readonly deadline: { readonly subject: string; readonly at: Date } }
  /** The subject has no deadline any more. */
  | { readonly clearDeadline: string }
  /** The subject's story ends like this: for people, by whom its trace is wanted where it did not end well. */
  | { readonly ending: string; readonly wantTrace: boolean };

/** Something to be done outside; asked again with the same key until there is an answer. */
export interface ExternalCall {
  /** Unique, also the idempotency key that the other side sees. */
  readonly key: string;
  /** Which caller makes it. */
  readonly kind: string;
  readonly subject: string;
  /** What the caller needs, as JSON. */
  readonly request: unknown;
}
