import type { Sql } from '../store/sql.js';
import type { ShardLocks } from '../store/store.js';

// The first number of our advisory locks; the second is 0 for "a relay is here" and shard + 1 for a shard.
const LOCKS = 0x0f10;

/**
 * Settings of the session in which a relay works. A process that is stopped, or cut off, keeps its session and with it the
 * locks of its shards, so that nobody else may send what lies there: a session that has said nothing for so long is ended.
 * Longer than a healthy broker takes to answer; losing the session while it is waited for only resends.
 */
export const RELAY_SESSION = { synchronous_commit: 'off', idle_session_timeout: '15s' };

/** By advisory locks: the server takes them back when the session ends, however it ends. */
export class PostgresShardLocks implements ShardLocks<Sql> {
  async join(sql: Sql): Promise<number> {
    await sql.query(
      `SELECT pg_advisory_lock_shared($1, 0) WHERE NOT EXISTS (
         SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = 0 AND pid = pg_backend_pid())`,
      [LOCKS],
    );
    const [row] = await sql.query<{ relays: number }>(
      `SELECT count(*)::int AS relays FROM pg_locks
       WHERE locktype = 'advisory' AND classid = $1 AND objid = 0 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [LOCKS],
    );
    return row!.relays;
  }

  async take(sql: Sql, shard: number): Promise<boolean> {
    const [row] = await sql.query<{ ours: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ours', [LOCKS, shard + 1]);
    return row!.ours;
  }

  async giveBack(sql: Sql, shard: number): Promise<void> {
    await sql.query('SELECT pg_advisory_unlock($1, $2)', [LOCKS, shard + 1]);
  }
}
