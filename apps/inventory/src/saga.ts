import { type EventData, type ReactionsOf, writtenPrice } from '@orderflow/contracts';
import { assertNever, type Effect, type OwnEvent, type TakeBack } from '@orderflow/decider';
import type { InventoryTypes } from './domain/inventory-working-set.js';
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

const productOf = ({ name, priceMinor, largePriceMinor, currency }: EventData['ProductChanged']) => ({
  name,
  priceMinor: largePriceMinor ?? priceMinor,
  currency,
});

const linesOf = ({ data }: OwnEvent<InventoryTypes>) => ('lines' in data ? data.lines : []);

/** Reservations and products. Deliveries are not published: they have to be booked again. */
export const takeBack: TakeBack<InventoryTypes> = {
  commandOf: (event) =>
    event.type === 'ProductChanged'
      ? { type: 'DefineProduct', sku: event.subject, ...productOf(event.data) }
      : { type: 'ReserveStock', orderId: event.subject, lines: linesOf(event) },
  sequenceOf: ({ type, subject }, { reservation, stock }) =>
    type === 'ProductChanged' ? (stock.get(subject)?.sequence ?? 0) : reservation.sequence,
  eventsOf(event, { stock }) {
    if (event.type !== 'ProductChanged') return [{ type: event.type, data: event.data } as InventoryEvent];
    const { type, data, subject, sequence } = event;
    // The topic keeps the newest change of a product only; its number must not be used again.
    const changed = { type, data: productOf(data), sku: subject } as InventoryEvent;
    return Array.from({ length: sequence - (stock.get(subject)?.sequence ?? 0) }, () => changed);
  },
};
