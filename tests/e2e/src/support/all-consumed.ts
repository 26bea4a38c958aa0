import { expect } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { groups } from './account.js';
import type { TestSystem } from './test-system.js';

/** No consumer group is behind on the topics of its events. */
export async function expectNoLag({ eventTap }: TestSystem): Promise<void> {
  for (const { name, consumed } of groups) {
    const behind = (await eventTap.lagOf(name, consumed)).filter(({ records }) => records > 0);
    expect({ name, behind }).toEqual({ name, behind: [] });
  }
}

/**
 * Returns once every consumer group has consumed all that is in these partitions now: in each of them, two new orders, one
 * confirmed and one refunded, have settled. Between them they use every event type that a group consumes.
 */
export async function untilAllConsumed(system: TestSystem, partitions: Iterable<number>): Promise<void> {
  const { client, eventTap } = system;
  const sku = await client.newProduct({ units: 5_000 });
  const confirmed = async () => client.place({ lines: [{ sku, quantity: 1 }] });
  const refunded = async () => {
    const orderId = await client.place({ lines: [{ sku, quantity: 1 }], paymentToken: 'tok_slow' });
    await client.chargeOf(orderId);
    await client.cancel(orderId);
    return orderId;
  };
  await Promise.all(
    [confirmed, refunded].map(async (place) => {
      const open = new Set(partitions);
      // The partition of an order is known only afterwards: orders are placed until each partition has had one.
      for (let round = 0; open.size > 0; round += 1) {
        if (round === 30) throw new Error('the new orders miss a partition');
        const orders = await Promise.all(Array.from({ length: 8 }, place));
        for (const orderId of orders) {
          await client.settled(orderId);
          open.delete(await eventually(() => eventTap.partitionOf(orderId)));
        }
      }
    }),
  );
}
