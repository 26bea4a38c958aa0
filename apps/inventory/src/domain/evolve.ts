import { assertNever } from '@orderflow/decider';
import type { Inventory, InventoryEvent, Line, Stock } from './inventory.js';

/** The change of a product's stock by one line of an order. */
type Change = (stock: Stock, quantity: number) => Partial<Stock>;

const reserved: Change = ({ reserved }, quantity) => ({ reserved: reserved + quantity });
const released: Change = ({ reserved }, quantity) => ({ reserved: reserved - quantity });
const committed: Change = ({ onHand, reserved, committed }, quantity) => ({
  onHand: onHand - quantity,
  reserved: reserved - quantity,
  committed: committed + quantity,
});

/** @returns reservation, stock and delivery after an event that `decide` returned */
export function evolve(inventory: Inventory, event: InventoryEvent): Inventory {
  const { reservation, stock } = inventory;
  const next = { orderId: reservation.orderId, sequence: reservation.sequence + 1 };
  const after = (status: 'reserved' | 'committed' | 'released', lines: readonly Line[], by: Change): Inventory => ({
    ...inventory,
    reservation: { ...next, status, lines },
    stock: change(stock, lines, by),
  });
  switch (event.type) {
    case 'StockReserved':
      return after('reserved', event.data.lines, reserved);
    case 'StockCommitted':
      return after('committed', event.data.lines, committed);
    case 'StockReleased':
      return after('released', event.data.lines, released);
    case 'StockRejected':
      return { ...inventory, reservation: { ...next, status: 'rejected' } };
    case 'ReservationForbidden':
      return { ...inventory, reservation: { ...reservation, status: 'forbidden' } };
    case 'ProductChanged': {
      const known = stock.get(event.sku) ?? { onHand: 0, reserved: 0, committed: 0, sequence: 0 };
      const product = { ...known, sku: event.sku, ...event.data, sequence: known.sequence + 1 };
      return { ...inventory, stock: new Map(stock).set(event.sku, product) };
    }
    case 'StockDelivered': {
      const { sku, quantity } = event;
      return {
        ...inventory,
        delivery: { sku, quantity },
        stock: change(stock, [event], ({ onHand }, more) => ({ onHand: onHand + more })),
      };
    }
    default:
      return assertNever(event);
  }
}

function change(stock: Inventory['stock'], lines: readonly Line[], by: Change): Inventory['stock'] {
  const next = new Map(stock);
  for (const { sku, quantity } of lines) {
    const product = next.get(sku);
    if (!product) throw new Error(`the stock of ${sku} was not loaded`);
    next.set(sku, { ...product, ...by(product, quantity) });
  }
  return next;
}
