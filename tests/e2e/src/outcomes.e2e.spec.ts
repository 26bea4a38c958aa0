import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { expectOrder, expectSound, storyOf } from './support/story.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => world?.close());

const templatesOf = async (orderId: string) =>
  (await world.shop.mails(orderId)).map(({ template, copies }) => `${template} x${copies}`).toSorted();

describe('an order that goes well', () => {
  it('is confirmed over two SKUs: stock committed, money captured, one mail', async () => {
    const { shop, tap } = world;
    const one = await shop.sells({ units: 10, priceMinor: 1_500 });
    const other = await shop.sells({ units: 5, priceMinor: 250 });
    const traceId = randomBytes(16).toString('hex');
    const lines = [
      { sku: one, quantity: 2 },
      { sku: other, quantity: 5 },
    ];
    const orderId = await shop.place({ lines }, { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` });
    const order = await shop.settled(orderId);

    expect(order).toMatchObject({ status: 'confirmed', stock: 'committed', payment: 'captured', version: 2, traceId });
    expect(order).toMatchObject({ totalMinor: 4_250, currency: 'EUR' });
    expect(order).not.toHaveProperty('cancelReason');
    expect(await shop.charges(orderId)).toMatchObject([{ status: 'captured', amountMinor: 4_250, refundedMinor: 0 }]);
    expect(await shop.payment(orderId)).toMatchObject({ status: 'captured', capturedMinor: 4_250, refundedMinor: 0 });
    expect(await templatesOf(orderId)).toEqual(['order-confirmed x1']);
    expect(await shop.notifications(orderId)).toMatchObject([{ template: 'order-confirmed', status: 'sent' }]);
    expect(await shop.product(one)).toMatchObject({ onHand: 8, reserved: 0, available: 8, committed: 2 });
    expect(await shop.product(other)).toMatchObject({ onHand: 0, reserved: 0, available: 0, committed: 5 });

    const heard = await storyOf(tap, orderId, [
      'OrderPlaced',
      'StockReserved',
      'PaymentCaptured',
      'OrderConfirmed',
      'StockCommitted',
      'NotificationSent',
    ]);
    expectSound(heard, order);
    expectOrder(heard, 'OrderPlaced', 'StockReserved', 'PaymentCaptured', 'OrderConfirmed', 'StockCommitted');
    expectOrder(heard, 'OrderConfirmed', 'NotificationSent');
  });

  it('is charged once although the provider fails twice before it answers', async () => {
    const { shop } = world;
    const sku = await shop.sells({ units: 1 });
    const orderId = await shop.place({ lines: [{ sku, quantity: 1 }], token: 'tok_flaky' });

    expect(await shop.settled(orderId)).toMatchObject({ status: 'confirmed', payment: 'captured' });
    expect(await shop.charges(orderId)).toMatchObject([{ status: 'captured', amountMinor: 1_500, refundedMinor: 0 }]);
    expect(await templatesOf(orderId)).toEqual(['order-confirmed x1']);
  });
});

describe('an order of more than there is', () => {
  it('is cancelled as out of stock: nothing of any line set aside, nothing charged', async () => {
    const { shop, tap } = world;
    const plenty = await shop.sells({ units: 10 });
    const scarce = await shop.sells({ units: 1 });
    const lines = [
      { sku: plenty, quantity: 3 },
      { sku: scarce, quantity: 2 },
    ];
    const orderId = await shop.place({ lines });
    const order = await shop.settled(orderId);

    expect(order).toMatchObject({ status: 'cancelled', cancelReason: 'out_of_stock', stock: 'rejected' });
    expect(order.payment).toBe('voided');
    expect(await shop.charges(orderId)).toEqual([]);
    expect(await shop.payment(orderId)).toMatchObject({ status: 'voided', capturedMinor: 0, refundedMinor: 0 });
    expect(await templatesOf(orderId)).toEqual(['order-cancelled x1']);
    expect(await shop.product(plenty)).toMatchObject({ onHand: 10, reserved: 0, available: 10, committed: 0 });
    expect(await shop.product(scarce)).toMatchObject({ onHand: 1, reserved: 0, available: 1, committed: 0 });

    const heard = await storyOf(tap, orderId, [
      'OrderPlaced',
      'StockRejected',
      'OrderCancelled',
      'PaymentVoided',
      'NotificationSent',
    ]);
    expectSound(heard, order);
    expectOrder(heard, 'OrderPlaced', 'StockRejected', 'OrderCancelled', 'PaymentVoided');
    expectOrder(heard, 'OrderCancelled', 'NotificationSent');
  });
});

describe('an order whose payment is refused', () => {
  it.each(['tok_declined', 'tok_insufficient_funds'])(
    'with %s is cancelled and its stock comes back',
    async (token) => {
      const { shop, tap } = world;
      const sku = await shop.sells({ units: 4 });
      const orderId = await shop.place({ lines: [{ sku, quantity: 3 }], token });
      const order = await shop.settled(orderId);

      expect(order).toMatchObject({ status: 'cancelled', cancelReason: 'payment_declined', stock: 'released' });
      expect(order.payment).toBe('declined');
      expect(await shop.charges(orderId)).toMatchObject([{ status: 'declined', refundedMinor: 0 }]);
      expect(await shop.payment(orderId)).toMatchObject({ status: 'declined', capturedMinor: 0, refundedMinor: 0 });
      expect(await templatesOf(orderId)).toEqual(['order-cancelled x1']);
      expect(await shop.product(sku)).toMatchObject({ onHand: 4, reserved: 0, available: 4, committed: 0 });

      const heard = await storyOf(tap, orderId, [
        'OrderPlaced',
        'StockReserved',
        'PaymentDeclined',
        'OrderCancelled',
        'StockReleased',
        'NotificationSent',
      ]);
      expectSound(heard, order);
      expectOrder(heard, 'OrderPlaced', 'StockReserved', 'PaymentDeclined', 'OrderCancelled', 'StockReleased');
      expectOrder(heard, 'OrderCancelled', 'NotificationSent');
    },
  );
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
