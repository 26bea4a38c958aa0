import { describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem();

describe('while the mail server is down', () => {
  it('orders proceed, and each mail is sent once when it is back', async () => {
    const { client } = system;
    const sku = await client.newProduct({ units: 20 });
    await client.setFaults({ mail: { outage: true } });
    const good = await Promise.all(
      Array.from({ length: 8 }, async () => client.place({ lines: [{ sku, quantity: 1 }] })),
    );
    const bad = await Promise.all(
      Array.from({ length: 4 }, async () =>
        client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_declined' }),
      ),
    );
    for (const orderId of good) {
      await eventually(async () =>
        expect(await client.order(orderId)).toMatchObject({ status: 'confirmed', stock: 'committed' }),
      );
    }
    for (const orderId of bad) {
      await eventually(async () =>
        expect(await client.order(orderId)).toMatchObject({ status: 'cancelled', stock: 'released' }),
      );
    }
    // Confirmed and committed, but not settled: the mail is missing.
    for (const orderId of [...good, ...bad]) {
      expect(await client.order(orderId)).toMatchObject({ settled: false });
      expect(await client.mails(orderId)).toEqual([]);
      await eventually(async () =>
        expect(await client.notifications(orderId)).toMatchObject([{ status: 'requested' }]),
      );
    }

    await client.setFaults({ mail: {} });
    for (const orderId of good) {
      await client.settled(orderId);
      expect(await client.mails(orderId)).toMatchObject([{ template: 'order-confirmed', copies: 1 }]);
    }
    for (const orderId of bad) {
      await client.settled(orderId);
      expect(await client.mails(orderId)).toMatchObject([{ template: 'order-cancelled', copies: 1 }]);
    }
  });
});

auditPasses(system);
