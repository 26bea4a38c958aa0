import { describe, expect, it } from '@jest/globals';
import { copyOf } from '@orderflow/client';
import { untilAllConsumed } from './support/all-consumed.js';
import { auditPasses, TestSystem } from './support/test-system.js';

const system = new TestSystem({ env: { sandbox: { SLOW_SECONDS: '4' } } });

describe('every event of settled orders, delivered again byte for byte', () => {
  it('changes nothing: no event, no mail, no charge, no stock', async () => {
    const { client, eventTap } = system;
    const sku = await client.newProduct({ units: 100 });
    const orders = await client.oneOfEachOutcome(sku);
    const before = { orders: await client.everythingAbout(orders), product: await client.product(sku) };
    await eventTap.readToEnd(60_000);
    const records = orders.flatMap((orderId) => eventTap.recordsOf(orderId));
    expect(new Set(records.map(({ headers }) => headers['ce_type']?.toString())).size).toBe(12);

    await eventTap.publish(records.map(copyOf));
    // Once more in reverse: each event now arrives after its effects.
    await eventTap.publish(records.toReversed().map(copyOf));
    await untilAllConsumed(system, new Set(orders.map((orderId) => eventTap.partitionOf(orderId))));

    expect({ orders: await client.everythingAbout(orders), product: await client.product(sku) }).toEqual(before);
    await eventTap.readToEnd(60_000);
    const published = orders.flatMap((orderId) => eventTap.recordsOf(orderId));
    expect(published).toHaveLength(3 * records.length);
    const ids = (list: typeof records) => new Set(list.map(({ headers }) => headers['ce_id']?.toString()));
    expect(ids(published)).toEqual(ids(records));
  });
});

auditPasses(system);
