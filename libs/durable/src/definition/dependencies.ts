import type { Broker, EventCodec } from '@orderflow/kafka';
import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { OwnLogs } from '../outbox/own-logs.js';
import type { Sql } from '../store/sql.js';
import type { Store } from '../store/store.js';
import type { Connections } from './connections.js';

/** The platform of a service instance: PostgreSQL, Kafka and the system clock, or their counterparts in the simulation. */
export interface Dependencies<Tx = Sql> {
  readonly store: Store<Tx>;
  readonly broker: Pick<Broker, 'consume' | 'publish'>;
  /** Notices what the broker has lost; the broker of the simulation loses nothing. */
  readonly ownLogs?: Pick<OwnLogs, 'whole' | 'suspect' | 'acknowledged'>;
  readonly codec: Pick<EventCodec, 'encode' | 'decode'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<
    Connections,
    'topicPrefix' | 'outboxPollMs' | 'callMaxBackoffMs' | 'callMaxRefusals' | 'callStopMs'
  >;
  /** A consumer has stopped for good. */
  onFatal(error: Error): void;
}
