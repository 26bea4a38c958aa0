import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { type Event, type EventBody, eventSchemas } from '@orderflow/contracts';
import { eventually } from './support/eventually.js';
import { fresh } from './support/shop.js';
import type { Heard } from './support/tap.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
  // Its part is played by hand here: it would only wonder at orders that it never took.
  await world.system.service('orders').kill('SIGKILL');
});
afterAll(async () => world?.close());

/** An order that is told by hand, with one correlation and one trace like any other. */
function handMadeOrder() {
  const orderId = randomUUID();
  const correlationId = randomUUID();
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  const say = async (body: EventBody, sequence: number): Promise<void> => {
    const event = {
      ...body,
      id: randomUUID(),
      source: eventSchemas[body.type].owner,
      subject: orderId,
      time: new Date().toISOString(),
      correlationId,
      causationId: correlationId,
      sequence,
      schemaVersion: eventSchemas[body.type].version,
    } as Event;
    await world.tap.say(event, { traceparent });
  };
  return { orderId, say };
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
    },
  };
}

const cancelled: EventBody<'OrderCancelled'> = {
  type: 'OrderCancelled',
  data: { email: 'somebody@example.com', reason: 'customer_request' },
};

const heardOf = async (orderId: string, ...sources: string[]): Promise<Heard[]> =>
  (await world.tap.eventsOf(orderId)).filter(({ event }) => sources.includes(event.source));

const typesOf = (heard: readonly Heard[]): string[] => heard.map(({ event }) => event.type);

describe('StockReserved before OrderPlaced at payments', () => {
  it('waits for the order, then charges once; and a later cancellation refunds it', async () => {
    const { shop } = world;
    const { orderId, say } = handMadeOrder();
    // A SKU that inventory does not know: the reservation comes from our hand alone.
    const sku = fresh('sku');
    await say({ type: 'StockReserved', data: { lines: [{ sku, quantity: 3 }] } }, 1);
    await eventually(async () => expect(await shop.payment(orderId)).toMatchObject({ status: 'pending' }));
    expect(await shop.charges(orderId)).toEqual([]);

    await say(orderPlaced(sku, 3), 1);
    await eventually(async () => expect(await shop.payment(orderId)).toMatchObject({ status: 'captured' }));
    expect(await shop.charges(orderId)).toMatchObject([{ status: 'captured', amountMinor: 2_100, refundedMinor: 0 }]);

    await say(cancelled, 2);
    await eventually(async () => expect(await shop.payment(orderId)).toMatchObject({ status: 'refunded' }));
    expect(await shop.charges(orderId)).toMatchObject([{ amountMinor: 2_100, refundedMinor: 2_100 }]);
    await eventually(async () =>
      expect(typesOf(await heardOf(orderId, 'payments'))).toEqual(['PaymentCaptured', 'PaymentRefunded']),
    );
  });
});

describe('OrderCancelled before OrderPlaced', () => {
  it('at inventory means that nothing is ever reserved, at payments that nothing is ever charged', async () => {
    const { shop } = world;
    const { orderId, say } = handMadeOrder();
    const sku = await newProduct(5);
    await say(cancelled, 2);
    await say(orderPlaced(sku, 2), 1);
    await eventually(async () =>
      expect(await heardOf(orderId, 'inventory')).toMatchObject([
        { event: { type: 'StockRejected', data: { reason: 'order_cancelled' } } },
      ]),
    );
    expect(await shop.product(sku)).toMatchObject({ onHand: 5, reserved: 0, available: 5, committed: 0 });

    // A reservation that is told late does not bring it back.
    await say({ type: 'StockReserved', data: { lines: [{ sku, quantity: 2 }] } }, 2);
    await eventually(async () => expect(typesOf(await heardOf(orderId, 'payments'))).toEqual(['PaymentVoided']));
    expect(await shop.charges(orderId)).toEqual([]);
    expect(await shop.payment(orderId)).toMatchObject({ status: 'voided' });
  });

  it('concerns only its own order: the next one is reserved and released', async () => {
    const { shop } = world;
    const sku = await newProduct(5);
    const gone = handMadeOrder();
    await gone.say(cancelled, 2);
    await gone.say(orderPlaced(sku, 5), 1);
    const next = handMadeOrder();
    await next.say(orderPlaced(sku, 5), 1);
    await eventually(async () => expect(await shop.product(sku)).toMatchObject({ reserved: 5, available: 0 }));
    await next.say(cancelled, 2);
    await eventually(async () =>
      expect(await shop.product(sku)).toMatchObject({ onHand: 5, reserved: 0, available: 5 }),
    );
    await eventually(async () =>
      expect(typesOf(await heardOf(next.orderId, 'inventory'))).toEqual(['StockReserved', 'StockReleased']),
    );
    expect(typesOf(await heardOf(gone.orderId, 'inventory'))).toEqual(['StockRejected']);
  });
});

/** Without orders there is nobody to wait for with a price. */
async function newProduct(units: number): Promise<string> {
  const { shop } = world;
  const sku = fresh('sku');
  await shop.register(sku, 700);
  await shop.deliver(sku, units);
  return sku;
}

it('leaves books in which only the charge of an order that was never taken is noticed', async () => {
  const { violations, parked } = await world.audit(0);
  expect(parked).toEqual([]);
  for (const violation of violations) expect(violation).toContain('was never placed');
});
