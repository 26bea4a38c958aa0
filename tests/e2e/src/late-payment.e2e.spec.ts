import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventType } from '@orderflow/contracts';
import { eventually } from './support/eventually.js';
import type { Order } from './support/shop-answers.js';
import { expectOrder, expectSound, storyOf } from './support/story.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({
    env: { orders: { ORDER_DEADLINE_SECONDS: '3' }, sandbox: { SILENCE_SECONDS: '5', SLOW_SECONDS: '2' } },
  });
});
afterAll(async () => world?.close());

const STORY: readonly EventType[] = [
  'OrderPlaced',
  'StockReserved',
  'OrderCancelled',
  'StockReleased',
  'PaymentCaptured',
  'PaymentRefunded',
  'NotificationSent',
  'NotificationSent',
];

async function placed(token: string): Promise<{ sku: string; orderId: string }> {
  const sku = await world.shop.sells({ units: 2 });
  return { sku, orderId: await world.shop.place({ lines: [{ sku, quantity: 2 }], token }) };
}

async function expectUndone(sku: string, order: Order): Promise<void> {
  const { shop, tap } = world;
  const { orderId } = order;
  expect(order).toMatchObject({ status: 'cancelled', stock: 'released', payment: 'refunded', version: 2 });
  expect(await shop.charges(orderId)).toMatchObject([{ status: 'captured', amountMinor: 3_000, refundedMinor: 3_000 }]);
  expect(await shop.payment(orderId)).toMatchObject({ status: 'refunded', capturedMinor: 3_000, refundedMinor: 3_000 });
  expect(await shop.product(sku)).toMatchObject({ onHand: 2, reserved: 0, available: 2, committed: 0 });
  const mails = (await shop.mails(orderId)).map(({ template, copies }) => `${template} x${copies}`);
  expect(mails.toSorted()).toEqual(['order-cancelled x1', 'payment-refunded x1']);

  const heard = await storyOf(tap, orderId, STORY);
  expectSound(heard, order);
  expectOrder(heard, 'OrderPlaced', 'StockReserved', 'OrderCancelled', 'PaymentCaptured', 'PaymentRefunded');
  expectOrder(heard, 'OrderCancelled', 'StockReleased');
  const eventOf = (type: EventType) => heard.find(({ event }) => event.type === type)!.event;
  expect(eventOf('PaymentRefunded').causationId).toBe(eventOf('OrderCancelled').id);
}

describe('money that comes after the order is over goes back', () => {
  it('when the provider answers after the deadline', async () => {
    const { sku, orderId } = await placed('tok_timeout');
    const order = await world.shop.settled(orderId);
    expect(order.cancelReason).toBe('timed_out');
    await expectUndone(sku, order);
  });

  it('when the customer cancels while the provider is at work; and what is over is not cancelled again', async () => {
    const { shop } = world;
    const { sku, orderId } = await placed('tok_slow');
    await eventually(async () => expect(await shop.charges(orderId)).toHaveLength(1));
    expect(await shop.cancel(orderId)).toMatchObject({ status: 202, body: { orderId, status: 'cancelled' } });
    const second = await shop.cancel(orderId);
    expect(second).toMatchObject({ status: 409, type: expect.stringContaining('application/problem+json') });

    const order = await shop.settled(orderId);
    expect(order.cancelReason).toBe('customer_request');
    await expectUndone(sku, order);
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
