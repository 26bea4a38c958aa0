import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passBy } from './support/markers.js';
import { copyOf } from './support/tap.js';
import { World } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { sandbox: { SLOW_SECONDS: '1' } } });
});
afterAll(async () => world?.close());

describe('every event of settled orders, delivered again byte for byte', () => {
  it('changes nothing: no event, no mail, no charge, no stock', async () => {
    const { shop, tap } = world;
    const sku = await shop.sells({ units: 100 });
    const orders = await shop.oneOfEachEnding(sku);
    const before = { orders: await shop.allOf(orders), product: await shop.product(sku) };
    const records = orders.flatMap((orderId) => tap.recordsOf(orderId));
    expect(new Set(records.map(({ headers }) => headers['ce_type']?.toString())).size).toBe(12);

    await tap.send(records.map(copyOf));
    // Once more from the end: now each event comes after those that it led to.
    await tap.send(records.toReversed().map(copyOf));
    await passBy(world, new Set(orders.map((orderId) => tap.partitionOf(orderId))));

    expect({ orders: await shop.allOf(orders), product: await shop.product(sku) }).toEqual(before);
    const heard = orders.flatMap((orderId) => tap.recordsOf(orderId));
    expect(heard).toHaveLength(3 * records.length);
    const ids = (list: typeof records) => new Set(list.map(({ headers }) => headers['ce_id']?.toString()));
    expect(ids(heard)).toEqual(ids(records));
  });
});

it('leaves books that add up', async () => {
  expect(await world.audit()).toEqual({ violations: [], parked: [] });
});
