import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { connected, databaseUrlOf, dropDatabase, migrate } from '@orderflow/local';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = '20261130000300_payment_tokens';
const migrations = join(import.meta.dirname, '../../../prisma/orders/migrations');

let databaseUrl: string;
let earlier: string;

beforeEach(async () => {
  databaseUrl = databaseUrlOf(process.env['DATABASE_URL']!, `orders_${randomUUID()}`);
  earlier = mkdtempSync(join(tmpdir(), 'orderflow-earlier-'));
  cpSync(migrations, earlier, { recursive: true, filter: (path) => !path.includes('/migrations/') || isEarlier(path) });
  await migrate({ databaseUrl, folder: earlier });
});
afterEach(async () => {
  rmSync(earlier, { recursive: true });
  await dropDatabase(databaseUrl);
});

const isEarlier = (path: string): boolean => path.split('/migrations/')[1]! < NAME;

const query = async (sql: string, values: unknown[] = []) =>
  connected(databaseUrl, async (client) => (await client.query(sql, values)).rows);

async function given(status: string, paymentToken: string): Promise<void> {
  const orderId = randomUUID();
  const placed = JSON.stringify({ customerId: 'c-1', paymentToken });
  await query(
    `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
     VALUES ($1, 1, $1, 'OrderPlaced', $2, now(), '', '', '')`,
    [orderId, placed],
  );
  await query(
    `INSERT INTO orders (order_id, version, status, email, total_minor, currency, fingerprint)
     VALUES ($1, 1, $2, 'ada@example.com', 1, 'EUR', 'a hash')`,
    [orderId, status],
  );
}

it('removes the tokens and their hashes that earlier versions stored, and keeps encrypted tokens', async () => {
  await given('placed', 'tok_visa');
  await given('confirmed', 'tok_declined');
  await given('confirmed', 'e.n.c.r.ypted');
  expect(await migrate({ databaseUrl, folder: migrations })).toContain(NAME);
  expect(await query(`SELECT data FROM order_events ORDER BY data ->> 'paymentToken'`)).toEqual([
    { data: { customerId: 'c-1', paymentToken: '' } },
    { data: { customerId: 'c-1', paymentToken: '' } },
    { data: { customerId: 'c-1', paymentToken: 'e.n.c.r.ypted' } },
  ]);
  expect(await query('SELECT DISTINCT fingerprint FROM orders')).toEqual([{ fingerprint: '' }]);
});
