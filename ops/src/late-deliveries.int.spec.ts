import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { connected, databaseUrlOf, dropDatabase, migrate } from '@orderflow/local';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'runbook.md'), 'utf8');
const [, statements = ''] = /```sql inventory\n([^]*?)```/.exec(page) ?? [];

let databaseUrl: string;

beforeEach(async () => {
  databaseUrl = databaseUrlOf(process.env['DATABASE_URL']!, `deliveries_${randomUUID().slice(0, 8)}`);
  await migrate({ databaseUrl, folder: join(root, 'prisma', 'inventory', 'migrations') });
});
afterEach(async () => dropDatabase(databaseUrl));

it('the statements of docs/runbook.md book each delivery once that a restored inventory does not have', async () => {
  await connected(databaseUrl, async (client) => {
    await client.query(`
      INSERT INTO stock (sku, name, price_minor, currency, on_hand) VALUES ('tea', 'Tea', 100, 'EUR', 10), ('cup', 'Cup', 100, 'EUR', 0);
      INSERT INTO deliveries (delivery_id, sku, quantity) VALUES ('d-1', 'tea', 10)`);
    for (let round = 1; round <= 2; round++) {
      await client.query(`
        CREATE TABLE late (delivery_id text, sku text, quantity integer);
        INSERT INTO late VALUES ('d-1', 'tea', 10), ('d-2', 'tea', 5), ('d-3', 'tea', 7), ('d-3', 'tea', 7), ('d-4', 'cup', 3)`);
      await client.query(statements);
      const { rows } = await client.query(`
        SELECT sku, on_hand AS "onHand", (SELECT sum(quantity)::int FROM deliveries WHERE deliveries.sku = stock.sku) AS delivered
        FROM stock ORDER BY sku`);
      expect(rows).toEqual([
        { sku: 'cup', onHand: 3, delivered: 3 },
        { sku: 'tea', onHand: 22, delivered: 22 },
      ]);
    }
  });
});
