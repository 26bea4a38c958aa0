import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@orderflow/client';
import type { Client } from '@orderflow/postgres';
import { connected, databaseUrlOf, dropDatabase } from '../infrastructure/postgres.js';
import { migrate } from './migrations.js';

const server = process.env['DATABASE_URL'] ?? '';
let databaseUrl: string;
let folder: string;

const query = async (url: string, sql: string) => connected(url, async (client) => (await client.query(sql)).rows);

async function given(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), sql);
}

const refusal = async () => migrate({ databaseUrl, folder }).catch((error: unknown) => String(error));

beforeAll(() => {
  if (server === '') throw new Error('DATABASE_URL is not set: these tests need a PostgreSQL server');
});

beforeEach(async () => {
  databaseUrl = databaseUrlOf(server, `migrate-${randomUUID()}`);
  folder = await mkdtemp(join(tmpdir(), 'orderflow-migrations-'));
  await given('1_first', 'CREATE TABLE first (id int); INSERT INTO first VALUES (1);');
  await given('2_second', 'ALTER TABLE first ADD second int;');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await dropDatabase(databaseUrl);
});

describe('migrate', () => {
  it('creates the database, and applies each missing migration once, in order', async () => {
    expect(await migrate({ databaseUrl, folder })).toEqual(['1_first', '2_second']);
    await given('3_third', 'ALTER TABLE first ADD third int;');
    expect(await migrate({ databaseUrl, folder })).toEqual(['3_third']);
    expect(await query(databaseUrl, 'SELECT * FROM first')).toEqual([{ id: 1, second: null, third: null }]);
  });

  it('records applied migrations as Prisma does', async () => {
    await given('1_first', 'CREATE TABLE first (id int)');
    await migrate({ databaseUrl, folder });
    const [row] = await query(databaseUrl, `SELECT * FROM _prisma_migrations WHERE migration_name = '1_first'`);
    expect(row).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum: createHash('sha256').update('CREATE TABLE first (id int)').digest('hex'),
      finished_at: expect.any(Date),
      migration_name: '1_first',
      logs: null,
      rolled_back_at: null,
      started_at: expect.any(Date),
      applied_steps_count: 1,
    });
  });

  it('applies each migration once when several runs start at the same moment', async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, async () => migrate({ databaseUrl, folder })));
    expect(runs.flat().toSorted()).toEqual(['1_first', '2_second']);
  });

  it('refuses a migration that was edited after it was applied', async () => {
    await migrate({ databaseUrl, folder });
    await given('1_first', 'CREATE TABLE first (id bigint)');
    expect(await refusal()).toMatch(/^SetupError: Migration 1_first was edited .*$/);
  });

  it('rolls a failed migration back, and applies it once it is fixed', async () => {
    await given('3_third', 'CREATE TABLE third (id int); SELECT nonsense;');
    expect(await refusal()).toMatch(/^SetupError: Migration 3_third failed and was rolled back: .*nonsense.*$/);
    await given('3_third', 'CREATE TABLE third (id int);');
    expect(await migrate({ databaseUrl, folder })).toEqual(['3_third']);
  });

  describe('by a role with no more than its own database', () => {
    let role: string;
    let ownUrl: string;
    const database = () => decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
    const asAdmin = async (sql: string) => query(databaseUrlOf(server, 'postgres'), sql);

    beforeEach(async () => {
      role = `shop-${randomUUID()}`;
      await asAdmin(`CREATE ROLE "${role}" LOGIN PASSWORD 'p@ss/w:rd%25?#' NOCREATEDB`);
      await asAdmin('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
      const url = new URL(databaseUrl);
      url.username = role;
      url.password = encodeURIComponent('p@ss/w:rd%25?#');
      ownUrl = url.href;
    });
    afterEach(async () => {
      await dropDatabase(databaseUrl);
      await asAdmin(`DROP ROLE "${role}"`);
      await asAdmin('GRANT CONNECT ON DATABASE postgres TO PUBLIC');
    });

    it('needs no right on another database', async () => {
      await asAdmin(`CREATE DATABASE "${database()}" OWNER "${role}"`);
      // As managed services do it, for all but the owner.
      await asAdmin(`REVOKE CONNECT ON DATABASE "${database()}" FROM PUBLIC`);
      expect(await migrate({ databaseUrl: ownUrl, folder })).toEqual(['1_first', '2_second']);
    });

    it('is refused when the database is missing, with database, role and the right', async () => {
      const line = await migrate({ databaseUrl: ownUrl, folder }).catch((error: unknown) => String(error));
      for (const words of [`"${database()}"`, `"${role}"`, 'CREATEDB', `OWNER "${role}"`])
        expect(line).toContain(words);
      expect(line).toMatch(/^SetupError: [^\n]*$/);
    });

    it('is refused without a right on the database, with database, role and the right', async () => {
      await asAdmin(`CREATE DATABASE "${database()}"`);
      const refused = async () => migrate({ databaseUrl: ownUrl, folder }).catch((error: unknown) => String(error));
      expect(await refused()).toContain('permission denied for schema public');
      expect(await refused()).toContain(`the role "${role}" the missing right on the database "${database()}"`);
      await asAdmin(`REVOKE CONNECT ON DATABASE "${database()}" FROM PUBLIC`);
      expect(await refused()).toMatch(/permission denied for database .* CONNECT/);
    });
  });

  describe('while another session holds the table', () => {
    const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

    /** Runs `work` while a transaction that has read the table is open. */
    async function whileHeld(work: (holder: Client) => Promise<void>): Promise<void> {
      await migrate({ databaseUrl, folder });
      await given('3_third', 'ALTER TABLE first ADD third int;');
      await connected(databaseUrl, async (holder) => {
        await holder.query('BEGIN; SELECT FROM first');
        await work(holder);
      });
    }

    // proves: migrations: a migration that waits for a lock does not hold up the services
    it('lets others read it, and applies the migration once it gets the lock', async () => {
      await whileHeld(async (holder) => {
        const migrating = migrate({ databaseUrl, folder });
        await eventually(async () => expect(await query(databaseUrl, WAITING)).not.toEqual([]));
        // It queues behind the migration, and would wait for as long as the holder without the lock timeout.
        await query(databaseUrl, `SET statement_timeout = '15s'; SELECT * FROM first`);
        await holder.query('COMMIT');
        expect(await migrating).toEqual(['3_third']);
      });
    });

    it('gives up after its attempts, and tells what to do', async () => {
      await whileHeld(async () => {
        await expect(migrate({ databaseUrl, folder, attempts: 1 })).rejects.toThrow(
          /^Migration 3_third failed and was rolled back: .*lock timeout, in 1 attempts: end the session/,
        );
      });
      expect(await migrate({ databaseUrl, folder })).toEqual(['3_third']);
    });
  });

  describe('an index that is built concurrently', () => {
    const INDEX = `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('first_second')`;
    const OTHER_RUN = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_%advisory_lock($1)%'`;

    beforeEach(async () => {
      await migrate({ databaseUrl, folder });
      await given('3_index', '-- For lists.\nCREATE UNIQUE INDEX CONCURRENTLY first_second ON first (second);\n');
    });

    it('is built while others write its table, and while another run waits', async () => {
      await connected(databaseUrl, async (holder) => {
        await holder.query('BEGIN; INSERT INTO first (second) VALUES (1)');
        const migrating = migrate({ databaseUrl, folder });
        await eventually(async () => expect(await query(databaseUrl, INDEX)).toEqual([{ valid: false }]));
        const another = migrate({ databaseUrl, folder });
        await eventually(async () => expect(await query(databaseUrl, OTHER_RUN)).not.toEqual([]));
        await query(databaseUrl, `SET statement_timeout = '15s'; INSERT INTO first (second) VALUES (2)`);
        await holder.query('COMMIT');
        expect([await migrating, await another]).toEqual([['3_index'], []]);
      });
      expect(await query(databaseUrl, INDEX)).toEqual([{ valid: true }]);
    });

    it('is built anew where an earlier attempt failed', async () => {
      await query(databaseUrl, 'INSERT INTO first (second) VALUES (1), (1)');
      expect(await refusal()).toContain('first_second');
      expect(await query(databaseUrl, INDEX)).toEqual([{ valid: false }]);
      await query(databaseUrl, 'TRUNCATE first');
      expect(await migrate({ databaseUrl, folder })).toEqual(['3_index']);
      expect(await query(databaseUrl, INDEX)).toEqual([{ valid: true }]);
    });
  });
});
