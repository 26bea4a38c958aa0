import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

describe('while the mail server is down', () => {
  it('orders proceed, and each mail is sent once when it is back', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 20 });
    await client.setFaults({ mail: { outage: true } });
    const lines = [{ sku, quantity: 1 }];
    const good = await client.placeSeveral(8, { lines });
    const bad = await client.placeSeveral(4, { lines, paymentToken: 'tok_declined' });
    const cases = [
      ...good.map((orderId) => ({ orderId, ends: { status: 'confirmed', stock: 'committed' } })),
      ...bad.map((orderId) => ({ orderId, ends: { status: 'cancelled', stock: 'released' } })),
    ];
    for (const { orderId, ends } of cases) {
      await eventually(async () => expect(await client.order(orderId)).toMatchObject(ends));
      // Over, but not settled: the mail is missing.
      expect(await client.order(orderId)).toMatchObject({ settled: false });
      expect(await client.mails(orderId)).toEqual([]);
      await eventually(async () =>
        expect(await client.notifications(orderId)).toMatchObject([{ status: 'requested' }]),
      );
    }

    await client.setFaults({ mail: {} });
    for (const { orderId, ends } of cases) {
      await client.settled(orderId);
      expect(await client.mailsOf(orderId)).toEqual([`order-${ends.status} x1`]);
    }
  });
});

auditPasses(system);
