import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { Day, OrderCounts, OrderPage } from '@orderflow/console-api';
import { runOps } from './support/run-ops.js';
import { TestConsole } from './support/test-console.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({
  env: { orders: { ORDER_DEADLINE_SECONDS: '25' }, sandbox: { SILENCE_SECONDS: '28' } },
});
const pages = new TestConsole(system);

describe('a day at the shop', () => {
  it('is played by one command: all of its orders are accepted and settle, and some of them go wrong', async () => {
    const { exitCode, output, errors } = await runOps('demo', ['--shop', '--rate', '1000'], { CONSOLE_URL: pages.url });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).toContain('Over: 65 of 65 orders placed\n');
    const counts = await eventually(async () => {
      const now = await pages.get<OrderCounts>('/api/orders/counts');
      return now.underWay === 0 && now;
    }, 60_000);
    expect(counts.all).toBe(65);
    expect(counts.confirmed).toBeGreaterThan(50);
    const { items } = await pages.get<OrderPage>('/api/orders?status=cancelled');
    const reasons = new Set(items.map(({ cancelReason }) => cancelReason));
    expect(reasons).toEqual(new Set(['out_of_stock', 'payment_declined', 'timed_out', 'customer_request']));
  }, 300_000);

  it('names what there is to see: a product in many orders, one that ran out, and the biggest order', async () => {
    const { popular, scarce, biggest } = await pages.get<Day>('/api/day');
    const ofPopular = await pages.get<OrderPage>(`/api/orders?sku=${popular}`);
    expect(ofPopular.items.length).toBeGreaterThan(5);
    const ofScarce = await pages.get<OrderPage>(`/api/orders?sku=${scarce}`);
    expect(ofScarce.items.map(({ cancelReason }) => cancelReason)).toContain('out_of_stock');
    const order = await pages.get<{ lineCount: number; status: string }>(`/api/orders/${biggest.orderId}`);
    expect(order).toMatchObject({ lineCount: biggest.lines, status: 'confirmed' });
  });
});

auditPasses(system);
