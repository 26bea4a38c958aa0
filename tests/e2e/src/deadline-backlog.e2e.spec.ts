import { describe, expect, it } from '@jest/globals';
import { eventually, inParallel } from '@orderflow/client';
import { fresh } from './support/test-client.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const DEADLINE_SECONDS = 20;
const ORDERS = 500;
const AT_ONCE = 32;

const system = new TestSystem({ env: { orders: { ORDER_DEADLINE_SECONDS: String(DEADLINE_SECONDS) } } });

/** Whether every deadline passed two seconds ago. */
const areAllOverdue = async (): Promise<boolean> =>
  (await system.count('orders', 'deadlines', `due_at > now() - interval '2 seconds'`)) === 0;

describe('500 orders in flight when orders is killed for longer than their deadline', () => {
  it('are confirmed, but for less than a tenth', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: ORDERS });
    const customerId = fresh('customer');
    let placed = 0;
    const burst = inParallel(ORDERS, AT_ONCE, async () => {
      placed++;
      await client.placeUntilAccepted({ customerId, lines: [{ sku, quantity: 1 }] });
    });
    await eventually(() => placed >= ORDERS / 2, 60_000);
    await system.kill('orders');
    await eventually(areAllOverdue, 60_000);
    await system.start('orders');
    await burst;

    const orders = await client.allSettled(customerId, ORDERS, 120_000);
    const timedOut = orders.filter(({ cancelReason }) => cancelReason === 'timed_out').length;
    const confirmed = orders.filter(({ status }) => status === 'confirmed').length;
    process.stdout.write(`${timedOut} of ${ORDERS} orders timed out\n`);
    expect(confirmed + timedOut).toBe(ORDERS);
    expect(timedOut).toBeLessThan(ORDERS / 10);
  }, 300_000);
});

auditPasses(system);
