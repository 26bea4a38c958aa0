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

/** A product and its stock; `onHand - reserved` is available. */
export interface Stock extends Product {
  readonly sku: string;
  readonly onHand: number;
  /** Reserved for open orders; part of `onHand`. */
  readonly reserved: number;
  /** Left the warehouse with confirmed orders. */
  readonly committed: number;
  /** Number of events published about this product. */
  readonly sequence: number;
}

/** The stock of one order. */
export type Reservation = {
  readonly orderId: string;
  /** Number of events published about this order. */
  readonly sequence: number;
} & (
  | { readonly status: 'none' }
  | { readonly status: 'rejected' }
  /** The order was cancelled before its OrderPlaced arrived: it never gets a reservation. */
  | { readonly status: 'forbidden' }
  | { readonly status: 'reserved' | 'committed' | 'released'; readonly lines: readonly Line[] }
);

/** The state that a command is decided on. */
export interface Inventory {
  readonly reservation: Reservation;
  /** The products of the command, as far as they are defined. */
  readonly stock: ReadonlyMap<string, Stock>;
  /** The delivery of the command, if it was booked before. */
  readonly delivery: Line | undefined;
}

type OrderCommand =
  | { readonly type: 'ReserveStock'; readonly orderId: string; readonly lines: readonly Line[] }
  | { readonly type: 'CommitStock'; readonly orderId: string }
  | { readonly type: 'ReleaseStock'; readonly orderId: string };

type ProductCommand =
  // `onlyAt`: the revisions at which the product may be changed; by default it is changed or created.
  | ({ readonly type: 'DefineProduct'; readonly sku: string; readonly onlyAt?: readonly string[] | 'any' } & Product)
  | ({ readonly type: 'ReceiveDelivery'; readonly deliveryId: string } & Line);

export type InventoryCommand = OrderCommand | ProductCommand;

/** Events that are published, and internal ones. */
export type InventoryEvent =
  | Exclude<Published<'inventory'>, { type: 'ProductChanged' }>
  | (Extract<Published<'inventory'>, { type: 'ProductChanged' }> & { readonly sku: string })
  | { readonly type: 'ReservationForbidden' }
  | ({ readonly type: 'StockDelivered'; readonly deliveryId: string } & Line);

export const noReservation = (orderId: string): Reservation => ({ status: 'none', orderId, sequence: 0 });

/** Names the state of a product: each change of it or of its stock leads to another one. */
export const revisionOf = ({ sequence, onHand, reserved, committed }: Stock): string =>
  [sequence, onHand, reserved, committed].join('.');

export const available = ({ onHand, reserved }: Stock): number => onHand - reserved;
