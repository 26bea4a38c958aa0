import type { Envelope, EventType, Published } from '@orderflow/contracts';
import type { ServiceTypes } from './service-types.js';

/** An event that the service published. */
export type OwnEvent<T extends ServiceTypes> = Envelope & Published<T['service']>;

/**
 * How events that a service published become part of its state again, where its database was restored to a point before them.
 * Others have acted on them, so they are taken back as they are and not decided again.
 */
export interface TakeBack<T extends ServiceTypes> {
  /** A command about the subject of the event: it selects and locks the state, and is not decided. */
  commandOf(event: OwnEvent<T>): T['command'];
  /** The `sequence` of the last published event about the subject that the state contains; 0 for none. */
  sequenceOf(event: OwnEvent<T>, state: T['state']): number;
  /** The events that lead to the state after the published one: internal ones that came before it, and itself. */
  eventsOf(event: OwnEvent<T>, state: T['state']): readonly T['event'][];
  /**
   * Types of other services' events that lead to external calls. Those that the restored database has not consumed are decided
   * before the service starts. Consumed behind the event that ends its subject, such an event would lead to no call, although
   * the lost database may have made it: so it is made again, with its key. Their commands must change nothing the second time.
   */
  readonly decidedFirst?: readonly EventType[];
}
