import type { Broker, EventCodec } from '@orderflow/kafka';
import type { Clock } from '../base/clock.js';
import type { Connections } from '../store/connections.js';
import type { Log } from '../consumer/event-handler.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';

/** What a member stands on: the real parts, or those of the simulation. */
export interface Ground<Tx = Sql> {
  readonly store: Store<Tx>;
  readonly broker: Pick<Broker, 'consume' | 'publish'>;
  readonly codec: Pick<EventCodec, 'encode' | 'decode'>;
  readonly clock: Clock;
  readonly connections: Pick<Connections, 'topicPrefix' | 'outboxPollMs' | 'callMaxBackoffMs'>;
  readonly log: Log;
  /** A consumer is gone for good. */
  readonly onFatal: (error: Error) => void;
}
