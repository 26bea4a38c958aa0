import type { Published } from '@orderflow/contracts';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export interface Product {
  readonly name: string;
  /** Minor units of `currency`. */
  readonly priceMinor: number;
  /** ISO 4217 */
  readonly currency: string;
}

/** A product with what lies in the warehouse; what is free to be ordered is `onHand - reserved`. */
export interface Stock extends Product {
  readonly sku: string;
  readonly onHand: number;
  /** Set aside for orders that are still open; part of `onHand`. */
  readonly reserved: number;
  /** Has left the warehouse with confirmed orders. */
  readonly committed: number;
  /** How many events about this product were published. */
  readonly sequence: number;
}

/** What inventory has done for one order. */
export type Reservation = {
  readonly orderId: string;
  /** How many events about this order were published. */
  readonly sequence: number;
} & (
  | { readonly status: 'none' }
  | { readonly status: 'rejected' }
  /** The order was cancelled before it was heard of: nothing will ever be set aside for it. */
  | { readonly status: 'forbidden' }
  | { readonly status: 'reserved' | 'committed' | 'released'; readonly lines: readonly Line[] }
);

/** What one command is decided on. */
export interface Inventory {
  readonly reservation: Reservation;
  /** The products that the command is about, as far as they are known. */
  readonly stock: ReadonlyMap<string, Stock>;
  /** The delivery that the command tells of, where it was booked before. */
  readonly delivery: Line | undefined;
}

type OrderCommand =
  | { readonly type: 'ReserveStock'; readonly orderId: string; readonly lines: readonly Line[] }
  | { readonly type: 'CommitStock'; readonly orderId: string }
  | { readonly type: 'ReleaseStock'; readonly orderId: string };

type ProductCommand =
  | ({ readonly type: 'DefineProduct'; readonly sku: string } & Product)
  | ({ readonly type: 'ReceiveDelivery'; readonly deliveryId: string } & Line);

export type InventoryCommand = OrderCommand | ProductCommand;

/** What inventory says, and what it only remembers. */
export type InventoryEvent =
  | Exclude<Published<'inventory'>, { type: 'ProductChanged' }>
  | (Extract<Published<'inventory'>, { type: 'ProductChanged' }> & { readonly sku: string })
  | { readonly type: 'ReservationForbidden' }
  | ({ readonly type: 'StockDelivered'; readonly deliveryId: string } & Line);

export const noReservation = (orderId: string): Reservation => ({ status: 'none', orderId, sequence: 0 });

export const available = ({ onHand, reserved }: Stock): number => onHand - reserved;
