import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { demand } from './support/http.js';
import { passBy } from './support/markers.js';
import { copyOf } from './support/tap.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { sandbox: { SLOW_SECONDS: '1' } } });
});
afterAll(async () => world?.close());

/** Places one order of each outcome, of the same SKU, and returns their ids once all are settled. */
async function oneOfEach(sku: string): Promise<string[]> {
  const { shop } = world;
  const lines = [{ sku, quantity: 1 }];
  const cancelled = await shop.place({ lines, token: 'tok_slow' });
  await eventually(async () => expect(await shop.charges(cancelled)).toHaveLength(1));
  await shop.cancel(cancelled);
  const others = await Promise.all([
    shop.place({ lines }),
    shop.place({ lines, token: 'tok_declined' }),
    shop.place({ lines: [{ sku, quantity: 9_000 }] }),
  ]);
  const orders = [cancelled, ...others];
  for (const orderId of orders) await shop.settled(orderId);
  return orders;
}

/** Everything that anybody knows of an order. */
async function allOf(orderId: string): Promise<object> {
  const { shop } = world;
  return {
    order: await shop.order(orderId),
    history: await demand(`${shop.urls.orders}/orders/${orderId}/events`),
    payment: await shop.payment(orderId),
    charges: await shop.charges(orderId),
    notifications: await shop.notifications(orderId),
    mails: await shop.mails(orderId),
  };
}

describe('every event of settled orders, delivered again byte for byte', () => {
  it('changes nothing: no event, no mail, no charge, no stock', async () => {
    const { shop, tap } = world;
    const sku = await shop.sells({ units: 100 });
    const orders = await oneOfEach(sku);
    const before = { orders: await Promise.all(orders.map(allOf)), product: await shop.product(sku) };
    const records = orders.flatMap((orderId) => tap.recordsOf(orderId));
    expect(new Set(records.map(({ headers }) => headers['ce_type']?.toString())).size).toBe(12);

    await tap.send(records.map(copyOf));
    // Once more from the end: now each event comes after those that it led to.
    await tap.send(records.toReversed().map(copyOf));
    await passBy(world, new Set(orders.map((orderId) => tap.partitionOf(orderId))));

    expect({ orders: await Promise.all(orders.map(allOf)), product: await shop.product(sku) }).toEqual(before);
    const heard = orders.flatMap((orderId) => tap.recordsOf(orderId));
    expect(heard).toHaveLength(3 * records.length);
    const ids = (list: typeof records) => new Set(list.map(({ headers }) => headers['ce_id']?.toString()));
    expect(ids(heard)).toEqual(ids(records));
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
