import { assertNever, BrokenRule } from '@orderflow/decider';
import {
  available,
  type Inventory,
  type InventoryCommand,
  type InventoryEvent,
  type Line,
  type Reservation,
  revisionOf,
} from './inventory.js';

type Command<Type extends InventoryCommand['type']> = Extract<InventoryCommand, { type: Type }>;

// PostgreSQL's integer.
const MOST = 2_147_483_647;

export class UnknownProduct extends BrokenRule {
  constructor(sku: string) {
    super(`there is no product ${sku}`, 'unknown-product');
  }
}

export class ProductChangedMeanwhile extends BrokenRule {
  constructor(sku: string) {
    super(`product ${sku} is at another revision`, 'product-changed');
  }
}

/** @returns the events that follow from a command; `[]` for a duplicate. @throws BrokenRule */
export function decide(command: InventoryCommand, { reservation, stock, delivery }: Inventory): InventoryEvent[] {
  switch (command.type) {
    case 'ReserveStock':
      return reserve(command, reservation, stock);
    case 'CommitStock':
      return commit(reservation);
    case 'ReleaseStock':
      return release(reservation);
    case 'DefineProduct':
      return define(command, stock);
    case 'ReceiveDelivery':
      return receive(command, stock, delivery);
    default:
      return assertNever(command);
  }
}

/** All lines or none. */
function reserve(
  { lines }: Command<'ReserveStock'>,
  { status }: Reservation,
  stock: Inventory['stock'],
): InventoryEvent[] {
  if (status === 'forbidden') return [{ type: 'StockRejected', data: { reason: 'order_cancelled', short: [] } }];
  // guard: inventory: an order is answered once
  if (status !== 'none') return [];
  const demand = totalBySku(lines);
  const short = demand.flatMap(({ sku, quantity }) => {
    const product = stock.get(sku);
    const missing = quantity - (product ? available(product) : 0);
    return missing > 0 ? [{ sku, quantity: missing }] : [];
  });
  if (short.length > 0) return [{ type: 'StockRejected', data: { reason: 'out_of_stock', short } }];
  return [{ type: 'StockReserved', data: { lines: demand } }];
}

/** Adds up lines of the same product: each alone may be in stock while their sum is not. */
function totalBySku(lines: readonly Line[]): Line[] {
  const totals = new Map<string, number>();
  for (const { sku, quantity } of lines) {
    // A negative line would release stock that is reserved for other orders.
    if (quantity < 1) throw new BrokenRule(`${quantity} of ${sku} cannot be ordered`, 'impossible-quantity');
    totals.set(sku, (totals.get(sku) ?? 0) + quantity);
  }
  return [...totals].map(([sku, quantity]) => ({ sku, quantity }));
}

function commit(reservation: Reservation): InventoryEvent[] {
  const { orderId, status } = reservation;
  if (status === 'committed') return [];
  if (status !== 'reserved')
    throw new BrokenRule(`no stock is reserved for order ${orderId} (${status})`, 'nothing-reserved');
  return [{ type: 'StockCommitted', data: { lines: reservation.lines } }];
}

function release(reservation: Reservation): InventoryEvent[] {
  switch (reservation.status) {
    case 'none':
      // guard: inventory: a cancellation that overtakes the order forbids the reservation
      return [{ type: 'ReservationForbidden' }];
    case 'reserved':
      // guard: inventory: a cancellation releases the reservation
      return [{ type: 'StockReleased', data: { lines: reservation.lines } }];
    case 'rejected':
    case 'forbidden':
    case 'released':
      return [];
    case 'committed':
      throw new BrokenRule(`the stock of order ${reservation.orderId} is already committed`, 'already-committed');
    default:
      return assertNever(reservation);
  }
}

function define(
  { sku, name, priceMinor, currency, onlyAt }: Command<'DefineProduct'>,
  stock: Inventory['stock'],
): InventoryEvent[] {
  const known = stock.get(sku);
  // guard: inventory: a product is changed only at the revision that its editor saw
  if (onlyAt && !(known && (onlyAt === 'any' || onlyAt.includes(revisionOf(known)))))
    throw new ProductChangedMeanwhile(sku);
  if (known && known.name === name && known.priceMinor === priceMinor && known.currency === currency) return [];
  return [{ type: 'ProductChanged', sku, data: { name, priceMinor, currency } }];
}

function receive(
  { deliveryId, sku, quantity }: Command<'ReceiveDelivery'>,
  stock: Inventory['stock'],
  booked: Line | undefined,
): InventoryEvent[] {
  // guard: inventory: a delivery is booked once
  if (booked?.sku === sku && booked.quantity === quantity) return [];
  if (booked) throw new BrokenRule(`delivery ${deliveryId} was booked before with another content`, 'delivery-differs');
  const product = stock.get(sku);
  if (!product) throw new UnknownProduct(sku);
  if (product.onHand + product.committed + quantity > MOST)
    throw new BrokenRule(`more than ${MOST} of ${sku} cannot be booked`, 'too-much-stock');
  return [{ type: 'StockDelivered', deliveryId, sku, quantity }];
}
