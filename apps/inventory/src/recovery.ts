import type { EventData } from '@orderflow/contracts';
import type { OwnEvent, TakeBack } from '@orderflow/decider';
import type { InventoryTypes } from './domain/inventory-working-set.js';
import type { InventoryEvent } from './domain/inventory.js';

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
