import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({
  mayCopyMails: true,
  env: { orders: { ORDER_DEADLINE_SECONDS: '4' }, payments: { CALL_MAX_BACKOFF_MS: '1000' } },
});

describe('a provider that cannot be reached for longer than the deadline', () => {
  it('lets orders time out, and each late capture is refunded', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 20 });
    const lines = [{ sku, quantity: 2 }];
    await system.kill('sandbox');
    const good = await client.placeSeveral(4, { lines });
    const bad = await client.placeSeveral(2, { lines, paymentToken: 'tok_declined' });
    for (const orderId of [...good, ...bad]) {
      await eventually(async () =>
        expect(await client.order(orderId)).toMatchObject({
          status: 'cancelled',
          cancelReason: 'timed_out',
          stock: 'released',
          // Unknown until the provider answers, and never guessed.
          payment: 'pending',
          settled: false,
        }),
      );
    }
    expect(await client.product(sku)).toMatchObject({ onHand: 20, reserved: 0, committed: 0 });

    await system.start('sandbox');
    for (const orderId of good) {
      expect(await client.settled(orderId, 60_000)).toMatchObject({ status: 'cancelled', payment: 'refunded' });
      expect(await client.charges(orderId)).toMatchObject([{ status: 'captured', refundedMinor: 3_000 }]);
    }
    for (const orderId of bad) {
      expect(await client.settled(orderId, 60_000)).toMatchObject({ status: 'cancelled', payment: 'declined' });
      expect(await client.charges(orderId)).toMatchObject([{ status: 'declined', refundedMinor: 0 }]);
    }
  }, 300_000);
});

auditPasses(system);
