import { serviceNames } from '@orderflow/client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connected, databaseUrlOf, dropDatabase } from '@orderflow/local';
import { audit } from './audit.ts';
import { type Databases, withDatabases } from './database-reader.ts';
import { seedDatabases } from './seed-databases.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/growth.md'), 'utf8');

/** The statements of the page for a database, for orders of any age. */
function statementsFor(database: string): string {
  const [, block] = new RegExp(`\`\`\`sql ${database}\n([^]*?)\`\`\``).exec(page) ?? [];
  if (block === undefined) throw new Error(`docs/growth.md has no statements for ${database}`);
  return block.replaceAll("interval '90 days'", "interval '0 days'");
}

const ORDERS = 100;
const ARCHIVED = 60;

let databases: Databases;
const urlOf = (name: string) => databaseUrlOf(databases.databaseUrl, databases.databasePrefix + name);

beforeEach(() => {
  databases = { databaseUrl: process.env['DATABASE_URL']!, databasePrefix: `archive_${randomUUID().slice(0, 8)}_` };
});
afterEach(async () => {
  for (const name of serviceNames) await dropDatabase(urlOf(name));
});

const TABLES = {
  orders: ['order_events', 'orders', 'order_views'],
  inventory: ['reservations'],
  payments: ['payments'],
  notifications: ['notices'],
  sandbox: ['charges', 'mails'],
} as const;

describe('archiving orders by the statements of docs/growth.md', () => {
  it('removes them from every table, and the books of the others still add up', async () => {
    await seedDatabases(databases, ORDERS);
    const ids = await connected(urlOf('orders'), async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `SELECT order_id AS id FROM order_views WHERE settled ORDER BY order_id LIMIT ${ARCHIVED}`,
      );
      return rows.map(({ id }) => id);
    });
    for (const name of serviceNames) {
      await connected(urlOf(name), async (client) => {
        await client.query('BEGIN; CREATE TEMP TABLE archived (order_id uuid PRIMARY KEY)');
        await client.query('INSERT INTO archived SELECT unnest($1::uuid[])', [ids]);
        await client.query(statementsFor(name));
        await client.query('COMMIT');
      });
    }
    const { findings, parked } = await audit(databases, 0);
    expect({ broken: findings.filter(({ count }) => count > 0), parked }).toEqual({ broken: [], parked: [] });
    await withDatabases(databases, async (reader) => {
      for (const name of serviceNames) {
        for (const table of TABLES[name]) {
          const sql = `SELECT 1 FROM ${table} WHERE order_id::text = ANY ($1)`;
          expect({ table, left: await reader.rows(name, sql, [ids]) }).toEqual({ table, left: [] });
        }
      }
      const [kept] = await reader.rows<{ orders: number }>('orders', 'SELECT count(*)::int AS orders FROM orders');
      expect(kept).toEqual({ orders: ORDERS - ARCHIVED });
    });
  });
});
