import { type ReactionsOf, writtenPrice } from '@orderflow/contracts';
import { assertNever, type Effect } from '@orderflow/decider';
import type { Inventory, InventoryCommand, InventoryEvent } from './domain/inventory.js';

/** Events that inventory consumes, each as a command. */
export const reactions = {
  OrderPlaced: ({ subject, data }) => ({
    type: 'ReserveStock',
    orderId: subject,
    lines: data.lines.map(({ sku, quantity }) => ({ sku, quantity })),
  }),
  OrderConfirmed: ({ subject }) => ({ type: 'CommitStock', orderId: subject }),
  OrderCancelled: ({ subject }) => ({ type: 'ReleaseStock', orderId: subject }),
} satisfies ReactionsOf<'inventory', InventoryCommand>;

/** The effects of an event that was decided: it is published, or stays internal. */
export function effects(event: InventoryEvent, { reservation, stock }: Inventory): readonly Effect[] {
  switch (event.type) {
    case 'StockReserved':
    case 'StockRejected':
    case 'StockCommitted':
    case 'StockReleased':
      return [{ publish: event, subject: reservation.orderId, sequence: reservation.sequence }];
    case 'ProductChanged': {
      const { type, sku, data } = event;
      const { int, large } = writtenPrice(data.priceMinor);
      const publish = { type, data: { ...data, priceMinor: int, largePriceMinor: large } };
      return [{ publish, subject: sku, sequence: stock.get(sku)!.sequence }];
    }
    case 'ReservationForbidden':
    case 'StockDelivered':
      return [];
    default:
      return assertNever(event);
  }
}
