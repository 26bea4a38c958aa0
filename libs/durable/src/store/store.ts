import type { MessageContext } from '@orderflow/decider';
import type { OutgoingRecord } from '@orderflow/kafka';
import type { Service } from '@orderflow/contracts';
import type { Passed } from '../deadlines/deadlines.js';
import type { OutboxRow } from '../outbox/outbox.js';
import type { Attempt, PendingCall } from '../calls/external-calls.js';
import type { ParkedRecord, Retry, ToPark } from '../parking/parking.js';
import type { IncomingEvent, UndecodableRecord } from '../definition/service.js';
import type { Sql } from './sql.js';

/**
 * Where the rows of one service are: PostgreSQL, or memory in the simulation. `Tx` is what statements run in. What each
 * table does is said at the class for PostgreSQL; one suite holds for both.
 */
export interface Store<Tx = Sql> {
  /** For single statements, each committed by itself. */
  readonly database: Tx;
  readonly outbox: OutboxTable<Tx>;
  readonly calls: CallTable<Tx>;
  readonly deadlines: DeadlineTable<Tx>;
  readonly shardLocks: ShardLocks<Tx>;
  inbox(consumer: string, ofEvents?: boolean): InboxTable<Tx>;
  parking(service: Service, consumer: string, topicPrefix: string): ParkingTable<Tx>;
  /** A connection of its own for the batches of a consumer. */
  batches(consumer: string): Transactions<Tx>;
  /** A session of its own for the relay. */
  session(name: string): Session<Tx>;
}

export interface Transactions<Tx> {
  /** All of it is committed, or none. @throws when it is not, or nobody knows */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

export interface Session<Tx> {
  /** Is it the session that was there before, with its locks? */
  readonly isOpen: boolean;
  /** Statements that are each committed by themselves, all on this one session. */
  session<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  end(): Promise<void>;
}

/** Which relay works on which shard: held by its session, and gone with it. */
export interface ShardLocks<Tx> {
  /** Says that a relay is here. @returns how many are */
  join(tx: Tx): Promise<number>;
  /** @returns whether the shard is this session's now; never waits */
  take(tx: Tx, shard: number): Promise<boolean>;
  giveBack(tx: Tx, shard: number): Promise<void>;
}

export interface InboxTable<Tx> {
  admit(tx: Tx, incoming: readonly (IncomingEvent<unknown> | UndecodableRecord)[]): Promise<ReadonlySet<string>>;
  purge(tx: Tx, atOnce?: number): Promise<boolean>;
}

export interface OutboxTable<Tx> {
  append(tx: Tx, records: readonly OutgoingRecord[]): Promise<void>;
  unsent(tx: Tx, shards: readonly number[], limit: number): Promise<OutboxRow[]>;
  sent(tx: Tx, rows: readonly OutboxRow[]): Promise<void>;
  rejected(tx: Tx, row: OutboxRow, why: string): Promise<void>;
}

export interface ParkingTable<Tx> {
  holds(tx: Tx, subjects: readonly string[]): Promise<Set<string>>;
  take(tx: Tx, retries: readonly Retry[]): Promise<ReadonlyMap<string, string>>;
  park(tx: Tx, parked: readonly ToPark[]): Promise<void>;
  unpark(tx: Tx, ids: readonly string[]): Promise<void>;
  failedAgain(tx: Tx, failed: readonly ToPark[]): Promise<OutgoingRecord[]>;
  due(tx: Tx, limit: number): Promise<ParkedRecord[]>;
}

export interface CallTable<Tx> {
  add(tx: Tx, calls: readonly PendingCall[]): Promise<void>;
  claim(tx: Tx, limit: number): Promise<PendingCall[]>;
  askAgainIn(tx: Tx, attempt: Attempt, delayMs: number, error: string): Promise<void>;
  answered(tx: Tx, keys: readonly string[]): Promise<void>;
}

export interface DeadlineTable<Tx> {
  apply(tx: Tx, changes: ReadonlyMap<string, { at: Date; context: MessageContext } | undefined>): Promise<void>;
  passed(tx: Tx, limit: number): Promise<Passed[]>;
  forget(tx: Tx, passed: readonly Passed[]): Promise<void>;
}
