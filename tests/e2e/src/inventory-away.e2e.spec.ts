import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { eventsOfOrder, eventsOnceComplete } from './support/published-events.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '4' } } });

const stockOf = async (sku: string) =>
  system.rowsOf('inventory', 'SELECT on_hand AS "onHand", reserved, committed FROM stock WHERE sku = $1', [sku]);

describe('while inventory is down', () => {
  it('an order is cancelled and refunded, and its stock is released once inventory is up again', async () => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 5 });
    const orderId = await client.place({ lines: [{ sku, quantity: 2 }], paymentToken: 'tok_slow' });
    await client.chargeOf(orderId);
    await system.kill('inventory');
    await client.cancelInTime(orderId);

    await eventually(async () =>
      expect(await client.order(orderId)).toMatchObject({
        status: 'cancelled',
        payment: 'refunded',
        stock: 'reserved',
        settled: false,
      }),
    );
    expect(await stockOf(sku)).toEqual([{ onHand: 5, reserved: 2, committed: 0 }]);

    await system.start('inventory');
    expect(await client.settled(orderId)).toMatchObject({
      status: 'cancelled',
      stock: 'released',
      payment: 'refunded',
    });
    expect(await stockOf(sku)).toEqual([{ onHand: 5, reserved: 0, committed: 0 }]);
    await eventsOnceComplete(eventTap, orderId, eventsOfOrder.refunded);
  }, 300_000);
});

auditPasses(system);
