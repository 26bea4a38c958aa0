import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { databaseUrlOf, dropDatabase } from '@orderflow/local';
import { copyDatabase, restoreDatabase } from '../../../libs/local/test/database-copies.js';
import { operate } from './support/operator.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const ORDERS = 5;

const folder = mkdtempSync(join(tmpdir(), 'orderflow-held-'));
const held = join(folder, 'payments');
/** Which topic payments does not fetch: what it consumes of the others overtakes that one. */
const hold = (topic: string) => writeFileSync(held, topic);
hold('');

const system = new TestSystem({
  env: {
    payments: {
      NODE_OPTIONS: `--import ${new URL('../../../libs/kafka/test/hold-topics.ts', import.meta.url).href}`,
      CHAOS_HELD_TOPICS: held,
    },
    // The provider charges, and is silent while the database of payments is lost.
    sandbox: { SILENCE_SECONDS: '20' },
  },
});

const database = () => `${system.prefixes.databases}payments`;
const backup = () => `${database()}_backup`;

afterAll(async () => {
  await dropDatabase(databaseUrlOf(system.infrastructure.databaseUrl, backup()));
  await rm(folder, { recursive: true });
});

it('an order whose charge was under way when the database of payments was lost, and that is cancelled, is refunded', async () => {
  const { client, infrastructure } = system;
  const sku = await client.newProduct({ units: ORDERS });
  await copyDatabase(infrastructure.databaseUrl, database(), backup());
  const orderIds = await client.placeSeveral(ORDERS, { lines: [{ sku, quantity: 1 }], paymentToken: 'tok_timeout' });
  for (const orderId of orderIds) await client.chargeOf(orderId);
  await system.kill('payments');
  for (const orderId of orderIds) await client.cancel(orderId);
  await restoreDatabase(infrastructure.databaseUrl, database(), backup());

  const planned = await operate(system, 'recover', 'payments');
  expect(planned).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/decided before .*\n +5 {2}StockReserved/),
  });
  expect(await operate(system, 'recover', 'payments', '--yes')).toMatchObject({ exitCode: 0 });
  hold(`${system.prefixes.topics}inventory.events`);
  await system.start('payments');
  // The cancellations are consumed; the reservations come behind them.
  const cancelled = `status IN ('cancelling', 'voided', 'refunded')`;
  await eventually(async () => expect(await system.count('payments', 'payments', cancelled)).toBe(ORDERS), 120_000);
  hold('');

  for (const orderId of orderIds)
    expect(await client.settled(orderId, 120_000)).toMatchObject({ status: 'cancelled', payment: 'refunded' });
  expect(await system.count('sandbox', 'charges')).toBe(ORDERS);
}, 600_000);

auditPasses(system);
