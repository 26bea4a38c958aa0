import { expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { PARTITIONS } from '@orderflow/contracts';
import { runOps } from './support/run-ops.js';
import { auditPasses, TestSystem } from './support/test-system.js';

// The steps of docs/runbook.md, "Changing the number of partitions".

const WANTED = PARTITIONS + 3;
// None of them in the three new partitions of nine: once in ten million runs.
const ORDERS = 40;

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '4' } } });

it('orders before and after topics grow end with their effects once, at the newest price', async () => {
  const sku = await system.client.newProduct({ units: 200, priceMinor: 8_900 });
  const before = await system.client.oneOfEachOutcome(sku);
  const seen = await system.client.everythingAbout(before);
  expect(await system.audit()).toEqual({ violations: [], parked: [] });

  process.env['TOPIC_PARTITIONS'] = String(WANTED);
  await system.restart(async () => {
    const grown = await runOps('topics', [], { ...system.auditEnv, TOPIC_PARTITIONS: String(WANTED) });
    expect(grown).toMatchObject({ exitCode: 0, errors: '' });
    for (const topic of ['orders.events', 'inventory.products', 'payments.dead-letters'])
      expect(grown.output).toContain(`${system.prefixes.topics}${topic}: ${PARTITIONS} -> ${WANTED} partitions\n`);
  });

  const { client, eventTap } = system;
  await client.putProduct({ sku, name: sku, priceMinor: 9_900, currency: 'EUR' });
  await eventually(async () => {
    const { totalMinor } = await client.settled(await client.place({ lines: [{ sku, quantity: 1 }] }));
    if (totalMinor !== 9_900) throw new Error(`the price is still ${totalMinor}`);
  }, 60_000);
  const after = await client.placeSeveral(ORDERS, { lines: [{ sku, quantity: 1 }] });
  for (const orderId of after) expect(await client.settled(orderId)).toMatchObject({ status: 'confirmed' });
  await client.oneOfEachOutcome(sku);
  expect(await client.everythingAbout(before)).toEqual(seen);
  await eventTap.readToEnd(60_000);
  expect(Math.max(...after.map((orderId) => eventTap.partitionOf(orderId)))).toBeGreaterThanOrEqual(PARTITIONS);
});

auditPasses(system);
