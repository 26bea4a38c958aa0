import type { Sql } from '../store/sql.js';

// The first number of our advisory locks; the second is 0 for "a relay is connected" and shard + 1 for a shard.
const LOCKS = 0x0f10;

/**
 * Settings of a relay's session. A process that is paused or cut off keeps its session, and with it the locks of its shards,
 * so the server ends a session that was silent for this long. That is longer than a healthy broker takes to answer; losing
 * the session during a send only resends.
 *
 * The plans of its statements are kept. Those made while the outbox is empty would scan the table for each of its rows once an
 * outage of the broker has filled it, and the relay would not get beyond its statement timeout.
 */
export const RELAY_SESSION = { synchronous_commit: 'off', idle_session_timeout: '15s', enable_seqscan: 'off' };

/** Which relay works on which shard: a lock belongs to a session and ends with it. */
export interface ShardLocks<Tx> {
  /** Registers a relay. @returns how many relays are registered, and the shards that belong to this session, ascending */
  join(tx: Tx): Promise<{ readonly relays: number; readonly held: readonly number[] }>;
  /** @returns whether the shard now belongs to this session; never waits */
  take(tx: Tx, shard: number): Promise<boolean>;
  giveBack(tx: Tx, shard: number): Promise<void>;
}

/** Advisory locks: the server releases them when the session ends, however it ends. */
export class PostgresShardLocks implements ShardLocks<Sql> {
  async join(sql: Sql): Promise<{ relays: number; held: number[] }> {
    await sql.query(
      `SELECT pg_advisory_lock_shared($1, 0) WHERE NOT EXISTS (
         SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = 0 AND pid = pg_backend_pid())`,
      [LOCKS],
    );
    const [row] = await sql.query<{ relays: number; held: number[] }>(
      `SELECT count(*) FILTER (WHERE objid = 0)::int AS relays,
         coalesce(array_agg(objid::int - 1 ORDER BY objid) FILTER (WHERE objid > 0 AND pid = pg_backend_pid()), '{}') AS held
       FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [LOCKS],
    );
    return row!;
  }

  async take(sql: Sql, shard: number): Promise<boolean> {
    // guard: one relay at a time works on a shard
    const [row] = await sql.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ours', [LOCKS, shard + 1]);
    return row!.ours;
  }

  async giveBack(sql: Sql, shard: number): Promise<void> {
    await sql.query('SELECT pg_advisory_unlock($1, $2)', [LOCKS, shard + 1]);
  }
}
