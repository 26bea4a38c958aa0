import { describe, expect, it } from '@jest/globals';
import { auditPasses, TestSystem } from './support/test-system.js';

const SHIFTED_CLOCK = new URL('../../../libs/durable/test/shifted-clock.ts', import.meta.url).href;
const ORDERS = 10;

const system = new TestSystem({
  env: {
    orders: {
      ORDER_DEADLINE_SECONDS: '60',
      NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`,
      TEST_CLOCK_SHIFT_MS: '-90000',
    },
  },
});

describe('orders, whose clock is further behind than an order has time', () => {
  it('lets no order time out that is paid in time', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: ORDERS });
    const placed = await client.placeSeveral(ORDERS, { lines: [{ sku, quantity: 1 }] });
    const statuses = await Promise.all(placed.map(async (orderId) => (await client.settled(orderId)).status));
    expect(statuses).toEqual(placed.map(() => 'confirmed'));
  });

  it('has a clock that is behind', async () => {
    const [row] = await system.rowsOf<{ behind: number }>(
      'orders',
      'SELECT extract(epoch FROM now() - max(time))::float8 AS behind FROM order_events',
    );
    expect(row!.behind).toBeGreaterThan(80);
  });
});

auditPasses(system);
