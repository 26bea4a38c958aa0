import { describe, expect, it } from '@jest/globals';
import { eventually, type Order } from '@orderflow/client';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({
  env: {
    orders: { ORDER_DEADLINE_SECONDS: '12' },
    // Longer than tok_slow takes, so that its answer arrives while orders is down.
    payments: { PAYMENT_PROVIDER_TIMEOUT_MS: '15000', CALL_MAX_BACKOFF_MS: '1000' },
    sandbox: { SLOW_SECONDS: '12', SILENCE_SECONDS: '40' },
  },
});

const ORDERS = 8;

const deadlinesWhere = async (condition: string): Promise<number> => system.count('orders', 'deadlines', condition);

const placeSome = async (sku: string, paymentToken: string): Promise<string[]> =>
  system.client.placeSeveral(ORDERS, { lines: [{ sku, quantity: 1 }], paymentToken });

/** Kills orders within the last second before the first deadline of these orders. */
async function killedJustBefore(sku: string): Promise<{ silent: string[]; late: string[] }> {
  const { client } = system;
  for (let attempt = 1; ; attempt++) {
    const [silent, late] = await Promise.all([placeSome(sku, 'tok_timeout'), placeSome(sku, 'tok_slow')]);
    for (const orderId of [...silent, ...late]) await client.chargeOf(orderId);
    await eventually(async () =>
      expect(await deadlinesWhere(`due_at < now() + interval '1 second'`)).toBeGreaterThan(0),
    );
    await system.kill('orders');
    if ((await deadlinesWhere('true')) === 2 * ORDERS) return { silent, late };
    // The machine was too slow: an order that was cancelled meanwhile proves nothing.
    if (attempt === 5) throw new Error('orders was never killed before the first deadline');
    await system.start('orders');
    for (const orderId of [...silent, ...late]) await client.settled(orderId, 90_000);
  }
}

const outcomeOf = ({ status, stock, payment, cancelReason }: Order) =>
  [status, stock, payment, cancelReason].join(' ').trim();

describe('orders, killed just before deadlines and started after them', () => {
  it('confirms the orders whose capture arrived meanwhile, and cancels the others once', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 10 * ORDERS });
    const { silent, late } = await killedJustBefore(sku);
    const before = await client.product(sku);
    await eventually(async () => expect(await deadlinesWhere('due_at >= now()')).toBe(0));
    // The answers arrive while orders is down: the captures wait in the topic, the deadlines in the table.
    for (const orderId of late)
      await eventually(async () => expect(await client.payment(orderId)).toMatchObject({ status: 'captured' }));
    expect(await deadlinesWhere('true')).toBe(2 * ORDERS);
    await system.start('orders');

    const timedOut = 'cancelled released refunded timed_out';
    for (const orderId of silent) expect(outcomeOf(await client.settled(orderId, 90_000))).toBe(timedOut);
    // A deadline waits for the events that had arrived before orders started.
    for (const orderId of late)
      expect(outcomeOf(await client.settled(orderId, 90_000))).toBe('confirmed committed captured');
    for (const orderId of [...silent, ...late]) {
      expect(await client.charges(orderId)).toHaveLength(1);
      const events = await system.rowsOf('orders', 'SELECT type FROM order_events WHERE order_id = $1', [orderId]);
      expect(events).toHaveLength(2);
    }
    expect(await deadlinesWhere('true')).toBe(0);
    expect((await client.product(sku)).committed - before.committed).toBe(late.length);
  }, 300_000);
});

auditPasses(system);
