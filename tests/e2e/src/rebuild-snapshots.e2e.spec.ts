import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, it } from '@jest/globals';
import { connected } from '@orderflow/local';
import { eventData } from '@orderflow/testing';
import { LoneOrders } from './support/lone-orders.js';

const orders = new LoneOrders();
const [wrong, missing, ...others] = Array.from({ length: 500 }, () => randomUUID()) as [string, string, ...string[]];

const query = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  connected(orders.env['DATABASE_URL']!, async (client) => (await client.query<Row>(sql, values)).rows);

const snapshots = () => query('SELECT * FROM orders ORDER BY order_id');

async function rebuilt(...args: string[]) {
  const run = orders.spawn({ LOG_LEVEL: 'error' }, 'rebuild', 'snapshots', ...args);
  const [output, progress, [code]] = await Promise.all([
    text(run.stdout!),
    text(run.stderr!),
    once(run, 'exit') as Promise<[number | null]>,
  ]);
  return { code, output, progress };
}

beforeAll(async () => {
  for (const [version, type] of (['OrderPlaced', 'OrderConfirmed'] as const).entries())
    await query(
      `INSERT INTO order_events (order_id, version, id, type, data, time, correlation_id, causation_id, traceparent)
       SELECT unnest($1::uuid[]), $2, gen_random_uuid(), $3, $4, now(), '', '', ''`,
      [[wrong, missing, ...others], version + 1, type, JSON.stringify(eventData[type])],
    );
});

it('orderflow rebuild snapshots names those that differ from their history, and replaces them with --yes', async () => {
  // All are missing.
  expect(await rebuilt('--yes')).toMatchObject({ code: 0, output: expect.stringContaining('Replaced: 500.') });
  const right = await snapshots();
  expect(right).toHaveLength(500);

  await query(`UPDATE orders SET status = 'placed' WHERE order_id = $1`, [wrong]);
  await query('DELETE FROM orders WHERE order_id = $1', [missing]);
  const harmed = await snapshots();
  const { code, output, progress } = await rebuilt();
  expect({ code, progress }).toEqual({ code: 0, progress: expect.stringContaining('compare: ') });
  expect(output).toContain('500 snapshots were compared with the folds of their events. Not equal, or missing: 2.');
  expect(output).toContain(`  ${wrong}: status placed, rebuilt confirmed`);
  expect(output).toContain(`  ${missing}: no row, rebuilt`);
  expect(output).toContain('Nothing was replaced');
  expect(await snapshots()).toEqual(harmed);

  expect((await rebuilt('--yes')).output).toContain('Replaced: 2.');
  expect(await snapshots()).toEqual(right);
  expect((await rebuilt('--undo')).code).not.toBe(0);
});
