import type { Service } from '@orderflow/contracts';
import type { CallTable } from '../calls/external-calls.js';
import type { DeadlineTable } from '../deadlines/deadlines.js';
import type { InboxTable } from '../inbox/inbox.js';
import type { OffsetTable } from '../offsets/consumed-offsets.js';
import type { OutboxTable } from '../outbox/outbox.js';
import type { ShardLocks } from '../outbox/shard-locks.js';
import type { ParkingTable } from '../parking/parking.js';
import type { Sql } from './sql.js';

/**
 * The tables of libs/durable in one service's database: PostgreSQL, or memory in the simulation. Statements run in a `Tx`.
 * Each table's interface is beside its implementation for PostgreSQL; one suite tests both (tests/simulation/test).
 */
export interface Store<Tx = Sql> {
  /** For single statements, each committed by itself. */
  readonly database: Tx;
  readonly outbox: OutboxTable<Tx>;
  readonly calls: CallTable<Tx>;
  readonly deadlines: DeadlineTable<Tx>;
  readonly shardLocks: ShardLocks<Tx>;
  inbox(consumer: string, ofEvents?: boolean): InboxTable<Tx>;
  offsets(consumer: string): OffsetTable<Tx>;
  parking(service: Service, consumer: string, topicPrefix: string): ParkingTable<Tx>;
  /** A connection of its own for the batches of a consumer. */
  batches(consumer: string): Transactions<Tx>;
  /** A session of its own for the relay. */
  session(name: string): Session<Tx>;
}

/** A connection for transactions, opened when it is needed. */
export interface Transactions<Tx> {
  /** Commits all of it or none. @throws when it was not committed, or the outcome is unknown */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/** A connection whose session keeps its locks, opened when it is needed. */
export interface Session<Tx> {
  /** Whether it is still the session that was used before, with its locks. */
  readonly isOpen: boolean;
  /** Statements that are each committed by themselves, all in this one session. Only a failure of its connection ends it. */
  session<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}
