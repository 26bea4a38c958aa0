import type { EventBody } from '@orderflow/contracts';

/** A consequence of an event outside the service's own tables. It is stored in the transaction of the event. */
export type Effect =
  | {
      /** Publish it through the outbox. */
      readonly publish: EventBody;
      /** The order (or SKU) that the event is about. */
      readonly subject: string;
      /** Position among the events that this service published about the subject, from 1. */
      readonly sequence: number;
    }
  | {
      readonly call: ExternalCall;
      /** The event that caused the call, where it is not the one that is handled now. */
      readonly causationId?: string;
    }
  | {
      readonly deadline: {
        readonly subject: string;
        /** From the commit on, by the clock of the database, which also tells when it has passed. */
        readonly inSeconds: number;
      };
    }
  /** Removes the subject's deadline. */
  | { readonly clearDeadline: string }
  /** The subject's story ends like this. `wantTrace`: its trace is kept although it was not sampled. */
  | { readonly ending: string; readonly wantTrace: boolean };

/** A call to another company's system, repeated with the same key until it is answered. */
export interface ExternalCall {
  /** Unique, and the idempotency key that the other side sees. */
  readonly key: string;
  /** Selects the caller. */
  readonly kind: string;
  readonly subject: string;
  /** The caller's input, as JSON. */
  readonly request: unknown;
}
