import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StartError } from '@orderflow/config';
import { TestDatabase } from '@orderflow/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../src/store/database.js';
import { checkSchemaVersion, migrationsIn } from '../src/store/schema-version.js';

const prisma = join(import.meta.dirname, '../../../prisma');
const own = new TestDatabase('orders');
const named = { database: 'db/orders', service: 'orders' };

let database: Database;
let known: string[];

beforeAll(async () => {
  database = own.ending(new Database(own.url, 'test'));
  known = await migrationsIn(join(prisma, 'orders', 'migrations'));
});

beforeEach(async () => {
  await database.query('DELETE FROM contract_migrations');
});

/** Checks a version that knows all but the last `older` migrations of the database. */
const start = async (older: number) =>
  checkSchemaVersion(known.slice(0, known.length - older), await database.check(), named);

const contract = async (name: string) =>
  database.query(`INSERT INTO contract_migrations VALUES ($1, 'the column email is gone')`, [name]);

describe('a service that starts', () => {
  it('runs on the database that it is written for, also after contract migrations of its own', async () => {
    await contract(known.at(-1)!);
    expect(await start(0)).toEqual([]);
  });

  // proves: migrations: a service does not start on an older database
  it('refuses an older database, and names the command', async () => {
    await database.query('UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = $1', [known[0]]);
    try {
      await expect(start(0)).rejects.toThrow(
        new StartError(
          `DATABASE_URL: db/orders is older than this version of orders, 1 migrations are missing (first ${known[0]}); run "npx orderflow migrate orders"`,
        ),
      );
    } finally {
      await database.query('UPDATE _prisma_migrations SET rolled_back_at = NULL');
    }
  });

  it('refuses a database without tables in the same way', () => {
    const empty = { names: [], contracts: new Map<string, string>() };
    expect(() => checkSchemaVersion(known, empty, named)).toThrow(`${known.length} migrations are missing`);
  });

  it('tolerates a newer database, and knows what is newer', async () => {
    expect(await start(2)).toEqual(known.slice(-2));
  });

  // proves: migrations: a service does not start on a database whose newer schema excludes it
  it('refuses a newer database whose schema excludes older versions', async () => {
    await contract(known.at(-1)!);
    await expect(start(1)).rejects.toThrow(
      `is newer than this version of orders, which may not run on ${known.at(-1)} (the column email is gone); deploy the newer version`,
    );
  });
});

describe('a contract migration', () => {
  it('names itself', () => {
    const folders = readdirSync(prisma, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.sql'));
    for (const path of folders) {
      const name = path.split('/').at(-2);
      const sql = readFileSync(join(prisma, path), 'utf8');
      for (const [, inserted] of sql.matchAll(/INSERT INTO contract_migrations[^']*'([^']*)'/g))
        expect(inserted).toBe(name);
    }
  });
});
