import { describe, expect, it } from '@jest/globals';
import { TestDatabase } from '@orderflow/testing';
import { Outbox, SHARDS } from '../src/outbox/outbox.js';
import { Database } from '../src/store/database.js';
import { PostgresStore } from '../src/store/postgres-store.js';
import type { Sql } from '../src/store/sql.js';

const own = new TestDatabase('payments', 'test');
const outbox = new Outbox();
const shards = Array.from({ length: SHARDS }, (_, shard) => shard);

const BATCH = 500;
// PostgreSQL decides between a plan for each call and one for all of them at the sixth call.
const CALLS = 8;

const fill = async (database: Sql) =>
  database.query(
    `INSERT INTO outbox (shard, topic, key, value, headers)
     SELECT n % ${SHARDS}, 't', 'key ' || n, repeat('x', 400)::bytea, '{}' FROM generate_series(1, 3000) AS n`,
  );

/** The nodes that read a table in the plan that this session keeps for a statement which begins with `verb`. */
async function scansKept(session: Sql, verb: 'SELECT id' | 'DELETE', parameters: string): Promise<string[]> {
  const [kept] = await session.query<{ name: string }>(
    `SELECT name FROM pg_prepared_statements WHERE statement LIKE '${verb}%'`,
  );
  const plan = await session.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE "${kept!.name}" ${parameters}`);
  return plan.map((line) => line['QUERY PLAN']).filter((line) => /Scan (on|using) outbox/.test(line));
}

describe('the plans of a relay that was idle while vacuum emptied the outbox', () => {
  it('read by index, however many rows are committed afterwards', async () => {
    const database = own.ending(new Database(own.url, 'test'));
    const relay = own.ending(new PostgresStore(database, own.url).session('relay'));
    await fill(database);
    await database.query('DELETE FROM outbox');
    // The statistics now say "no rows" whatever the size of the table.
    await database.query('VACUUM ANALYZE outbox');
    await relay.session(async (sql) => {
      for (let call = 0; call < CALLS; call++) await outbox.sent(sql, await outbox.unsent(sql, shards, BATCH));
    });
    await fill(database);
    await relay.session(async (sql) => {
      for (let call = 0; call < CALLS; call++) await outbox.sent(sql, await outbox.unsent(sql, shards, 10));
      const scans = [
        ...(await scansKept(sql, 'SELECT id', `('{${shards.join()}}', ${BATCH}, 1000000)`)),
        ...(await scansKept(sql, 'DELETE', `('{${Array.from({ length: BATCH }, (_, n) => n).join()}}')`)),
      ];
      expect(scans.length).toBeGreaterThanOrEqual(3);
      expect(scans.filter((scan) => scan.includes('Seq Scan'))).toEqual([]);
    });
  });
});
