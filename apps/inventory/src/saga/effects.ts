import { assertNever } from '@orderflow/decider';
import type { Effect } from '@orderflow/durable';
import type { Inventory, InventoryEvent } from '../domain/inventory.js';

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
