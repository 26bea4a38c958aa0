export { type Clock, systemClock } from './base/clock.js';
export { isRefusedByDatabase, reasonOf, TransientError } from './base/failures.js';
export type { Log } from './base/log.js';
export { Loop } from './base/loop.js';
export {
  type Attempt,
  type CallTable,
  type Failure,
  LEASE_MS,
  type PendingCall,
  type SettledCall,
  type StoredContext,
} from './calls/external-calls.js';
export { type NextAttempt, NotAnswered, type WaitsFor } from './calls/not-answered.js';
export { ConsumerGroup } from './consumer/consumer-group.js';
export { type Backlog, readBacklog } from './deadlines/backlog.js';
export type { DeadlineChange, DeadlineTable, PassedDeadline } from './deadlines/deadlines.js';
export { type Connections, connectionsOf } from './definition/connections.js';
export type { Dependencies } from './definition/dependencies.js';
export * from './definition/service-definition.js';
export { Inbox, inboxId, type InboxTable } from './inbox/inbox.js';
export { type Advance, OffsetRows, type OffsetTable } from './offsets/consumed-offsets.js';
export { GroupOffsets, offsetsAfter } from './offsets/group-offsets.js';
export { type OutboxRow, type OutboxTable, RecordTooLarge, SHARDS, shardOf } from './outbox/outbox.js';
export type { ShardLocks } from './outbox/shard-locks.js';
export { deadLetterOf, MAX_ATTEMPTS } from './parking/dead-letter.js';
export { CLAIM_SECONDS, type ParkedRecord, type ParkingTable, type Retry, type ToPark } from './parking/parking.js';
export { patienceOf } from './runtime/connect.js';
export { DurableModule } from './runtime/durable.module.js';
export {
  EventColumn,
  type KeptEvent,
  type KeptEvents,
  keptOf,
  type KeptSubject,
  NO_ORDER,
} from './recovery/kept-events.js';
export { alone, switchTables } from './rebuild/alone.js';
export { compareTables, endOfPage, type Judged, type TablePair } from './rebuild/compare-tables.js';
export { Findings } from './rebuild/findings.js';
export { rebuildCommand } from './rebuild/rebuild-command.js';
export type { OnProgress, Rebuilt, RebuildWords } from './rebuild/rebuild.js';
export { type Groups, readBehind } from './rebuild/read-behind.js';
export { readOn } from './rebuild/read-on.js';
export { groupBeside, moveOffsets } from './rebuild/shadow-group.js';
export { type Beside, ShadowTable, swapTables } from './rebuild/shadow-table.js';
export { runService } from './runtime/run-service.js';
export { ServiceRuntime } from './runtime/runtime.js';
export { ServiceInstance } from './runtime/service-instance.js';
export { Connection, Database, orTransientError, readClient } from './store/database.js';
export { PostgresStore } from './store/postgres-store.js';
export { checkSchemaVersion, migrationsIn } from './store/schema-version.js';
export type { Sql } from './store/sql.js';
export * from './store/store.js';
export { Batcher, type BatchHandler } from './transaction/batcher.js';
export { Commands } from './transaction/commands.js';
export * from './transaction/incoming.js';
