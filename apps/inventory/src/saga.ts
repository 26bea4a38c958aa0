import type { ReactionsOf } from '@orderflow/contracts';
import { assertNever, type Effect } from '@orderflow/decider';
import type { Inventory, InventoryCommand, InventoryEvent } from './domain/inventory.js';

/** What inventory does when it hears an event. */
export const reactions = {
  OrderPlaced: ({ subject, data }) => ({
    type: 'ReserveStock',
    orderId: subject,
    lines: data.lines.map(({ sku, quantity }) => ({ sku, quantity })),
  }),
  OrderConfirmed: ({ subject }) => ({ type: 'CommitStock', orderId: subject }),
  OrderCancelled: ({ subject }) => ({ type: 'ReleaseStock', orderId: subject }),
} satisfies ReactionsOf<'inventory', InventoryCommand>;

/** What follows from what happened: it is said to the others, or it is nobody else's business. */
export function effects(event: InventoryEvent, { reservation, stock }: Inventory): readonly Effect[] {
  switch (event.type) {
    case 'StockReserved':
    case 'StockRejected':
    case 'StockCommitted':
    case 'StockReleased':
      return [{ publish: event, subject: reservation.orderId, sequence: reservation.sequence }];
    case 'ProductChanged': {
      const { sku, ...publish } = event;
      return [{ publish, subject: sku, sequence: stock.get(sku)!.sequence }];
    }
    case 'ReservationForbidden':
    case 'StockDelivered':
      return [];
    default:
      return assertNever(event);
  }
}
