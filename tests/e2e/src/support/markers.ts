import { eventually } from './eventually.js';
import type { World } from './world.js';

/**
 * Returns once every consumer of every service has got behind what stands in these partitions now: two new orders, one
 * confirmed and one refunded, have gone through each of them from end to end. Between them they use every event that is heard.
 */
export async function passBy(world: World, partitions: Iterable<number>): Promise<void> {
  const sku = await world.shop.sells({ units: 5_000 });
  const open = { confirmed: new Set(partitions), refunded: new Set(partitions) };
  // Which partition an order goes to is known only afterwards: so many are placed that each one has its turn.
  for (let round = 0; open.confirmed.size + open.refunded.size > 0; round += 1) {
    if (round === 30) throw new Error('the new orders miss a partition');
    const [confirmed, refunded] = await Promise.all([
      several(open.confirmed.size, async () => confirmedOrder(world, sku)),
      several(open.refunded.size, async () => refundedOrder(world, sku)),
    ]);
    for (const orderId of confirmed) open.confirmed.delete(world.tap.partitionOf(orderId));
    for (const orderId of refunded) open.refunded.delete(world.tap.partitionOf(orderId));
  }
}

const several = async <T>(missing: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: missing === 0 ? 0 : 8 }, make));

async function confirmedOrder({ shop }: World, sku: string): Promise<string> {
  const orderId = await shop.place({ lines: [{ sku, quantity: 1 }] });
  await shop.settled(orderId);
  return orderId;
}

async function refundedOrder({ shop }: World, sku: string): Promise<string> {
  const orderId = await shop.place({ lines: [{ sku, quantity: 1 }], token: 'tok_slow' });
  await eventually(async () => {
    if ((await shop.charges(orderId)).length === 0) throw new Error('not charged yet');
  });
  await shop.cancel(orderId);
  await shop.settled(orderId);
  return orderId;
}
