import { database } from './database.js';
import type { Line, Order } from './order.js';

const OUT_OF_STOCK = 'OutOfStock';

/** An error that was recorded comes back without its class. */
export const isOutOfStock = (error: unknown): boolean => error instanceof Error && error.name === OUT_OF_STOCK;

/** In one order, so that two orders of the same products do not deadlock. */
const inOrder = <T extends Line>(lines: T[]): T[] => lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1));

/** @throws Error that {@link isOutOfStock}, and then nothing is subtracted */
export async function subtractStock({ lines }: Order): Promise<void> {
  await database.runTransaction(
    async () => {
      for (const { sku, quantity } of inOrder(lines)) {
        const changed = await database
          .client('stock')
          .where({ sku })
          .andWhere('available', '>=', quantity)
          .decrement('available', quantity);
        if (changed === 0) throw Object.assign(new Error(sku), { name: OUT_OF_STOCK });
      }
    },
    { name: 'subtractStock' },
  );
}

/** A part of a transaction. */
export async function undoSubtractStock({ lines }: Order): Promise<void> {
  for (const { sku, quantity } of inOrder(lines))
    await database.client('stock').where({ sku }).increment('available', quantity);
}
