import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { EventBody } from '@orderflow/contracts';
import { eventually, type TappedEvent } from '@orderflow/client';
import { handMadeEvent } from './support/published-events.js';
import { fresh } from './support/test-client.js';
import { TestSystem } from './support/test-system.js';

const system = new TestSystem();
// Its events are published by hand: the service would park those of orders that it does not know.
beforeAll(async () => system.kill('orders'));

/** An order whose events are published by hand, with one correlation id and one trace. */
function handMadeOrder() {
  const orderId = randomUUID();
  const correlationId = randomUUID();
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  const publish = async (body: EventBody, sequence: number): Promise<void> => {
    const event = handMadeEvent(orderId, body, sequence, correlationId);
    await system.eventTap.publish([await system.eventTap.toRecord(event, { traceparent })]);
  };
  return { orderId, publish };
}

function orderPlaced(sku: string, quantity: number): EventBody<'OrderPlaced'> {
  const customerId = fresh('customer');
  return {
    type: 'OrderPlaced',
    data: {
      customerId,
      email: `${customerId}@example.com`,
      currency: 'EUR',
      lines: [{ sku, quantity, unitPriceMinor: 700 }],
      totalMinor: 700 * quantity,
      paymentToken: 'tok_visa',
      paymentTokenDigest: '',
    },
  };
}

const cancelled: EventBody<'OrderCancelled'> = {
  type: 'OrderCancelled',
  data: { email: 'ada@example.com', reason: 'customer_request' },
};

const eventsFrom = async (orderId: string, ...sources: string[]): Promise<TappedEvent[]> =>
  (await system.eventTap.eventsOf(orderId)).filter(({ event }) => sources.includes(event.source));

const typesOf = (published: readonly TappedEvent[]): string[] => published.map(({ event }) => event.type);

describe('StockReserved before OrderPlaced at payments', () => {
  it('is kept until OrderPlaced arrives; then the order is charged once, and refunded when it is cancelled', async () => {
    const { client } = system;
    const { orderId, publish } = handMadeOrder();
    // A SKU that inventory does not know: the only reservation is published here.
    const sku = fresh('sku');
    await publish({ type: 'StockReserved', data: { lines: [{ sku, quantity: 3 }] } }, 1);
    await eventually(async () => expect(await client.payment(orderId)).toMatchObject({ status: 'pending' }));
    expect(await client.charges(orderId)).toEqual([]);

    await publish(orderPlaced(sku, 3), 1);
    await eventually(async () => expect(await client.payment(orderId)).toMatchObject({ status: 'captured' }));
    expect(await client.charges(orderId)).toMatchObject([{ status: 'captured', amountMinor: 2_100, refundedMinor: 0 }]);

    await publish(cancelled, 2);
    await eventually(async () => expect(await client.payment(orderId)).toMatchObject({ status: 'refunded' }));
    expect(await client.charges(orderId)).toMatchObject([{ amountMinor: 2_100, refundedMinor: 2_100 }]);
    await eventually(async () =>
      expect(typesOf(await eventsFrom(orderId, 'payments'))).toEqual(['PaymentCaptured', 'PaymentRefunded']),
    );
  });
});

describe('OrderCancelled before OrderPlaced', () => {
  it('reserves nothing at inventory, and charges nothing at payments', async () => {
    const { client } = system;
    const { orderId, publish } = handMadeOrder();
    const sku = await newProduct(5);
    await publish(cancelled, 2);
    await publish(orderPlaced(sku, 2), 1);
    await eventually(async () =>
      expect(await eventsFrom(orderId, 'inventory')).toMatchObject([
        { event: { type: 'StockRejected', data: { reason: 'order_cancelled' } } },
      ]),
    );
    expect(await client.product(sku)).toMatchObject({ onHand: 5, reserved: 0, available: 5, committed: 0 });

    // A late reservation changes nothing.
    await publish({ type: 'StockReserved', data: { lines: [{ sku, quantity: 2 }] } }, 2);
    await eventually(async () => expect(typesOf(await eventsFrom(orderId, 'payments'))).toEqual(['PaymentVoided']));
    expect(await client.charges(orderId)).toEqual([]);
    expect(await client.payment(orderId)).toMatchObject({ status: 'voided' });
  });

  it('affects only its own order: the next one is reserved and released', async () => {
    const { client } = system;
    const sku = await newProduct(5);
    const gone = handMadeOrder();
    await gone.publish(cancelled, 2);
    await gone.publish(orderPlaced(sku, 5), 1);
    const next = handMadeOrder();
    await next.publish(orderPlaced(sku, 5), 1);
    await eventually(async () => expect(await client.product(sku)).toMatchObject({ reserved: 5, available: 0 }));
    await next.publish(cancelled, 2);
    await eventually(async () =>
      expect(await client.product(sku)).toMatchObject({ onHand: 5, reserved: 0, available: 5 }),
    );
    await eventually(async () =>
      expect(typesOf(await eventsFrom(next.orderId, 'inventory'))).toEqual(['StockReserved', 'StockReleased']),
    );
    expect(typesOf(await eventsFrom(gone.orderId, 'inventory'))).toEqual(['StockRejected']);
  });
});

/** Unlike `newProduct` it does not wait until orders knows the price: orders is down. */
async function newProduct(units: number): Promise<string> {
  const { client } = system;
  const sku = fresh('sku');
  await client.putProduct({ sku, name: sku, priceMinor: 700, currency: 'EUR' });
  await client.deliver(sku, units);
  return sku;
}

it('the audit finds nothing but charges of orders that were never placed, and prices that orders has not consumed', async () => {
  const { violations, parked } = await system.audit(0);
  expect(parked).toEqual([]);
  const whileOrdersIsDown = /was never placed|^orders sells at the price that inventory published last/;
  for (const violation of violations) expect(violation).toMatch(whileOrdersIsDown);
});
