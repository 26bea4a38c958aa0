import type { CancelReason, Heard, OrderStatus, PaymentStatus, PricedLine, StockStatus } from '@orderflow/order-view';
import type { ViewVersion } from './listener.js';

/** An order as the API returns it. */
export interface ShownOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly cancelReason?: CancelReason;
  readonly stock: StockStatus;
  readonly payment: PaymentStatus;
  readonly settled: boolean;
  readonly version: number;
  readonly lines: readonly PricedLine[];
  readonly totalMinor: number;
  readonly currency: string;
  readonly placedAt: Date;
  readonly updatedAt: Date;
  readonly traceId: string;
}

export interface FoundOrder {
  readonly order: ShownOrder;
  /** The version vector of the view. */
  readonly heard: Heard;
  /** The side of the service that answered. */
  readonly readFrom: 'view' | 'write-side';
}

/** An order at an instant, see {@link ViewAt}; or when it came to be, for an instant before. */
export type OrderAt =
  { readonly order: ShownOrder; readonly complete: boolean } | { readonly order?: never; readonly existsSince: Date };

/** One event of an order's history, without e-mail address and payment token. */
export interface HistoryEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly time: Date;
  readonly data: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly causationId: string;
}

/** Trace and correlation id of the request that placed an order. */
export interface Origin {
  readonly correlationId: string;
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Position in the list of orders, which is sorted by `placedAt`, the newest first. */
export interface OrderCursor {
  readonly placedAt: Date;
  readonly orderId: string;
}

export interface OrderFilter {
  readonly status?: OrderStatus;
  readonly customerId?: string;
  readonly settled?: boolean;
  readonly after?: OrderCursor;
}

/** The token by which a controller gets its reader: http/ and adapters/ do not import each other. */
export const OrderReader = Symbol('OrderReader');

export interface OrderReader {
  /**
   * The order at `minVersion` or later: waits for the view for at most a second, then reads the write side.
   * All methods: @throws TransientError when the database does not answer
   * @param owner the customer who asks: the order of another one is read, and then taken for one that was never placed, so that
   * neither the answer nor its time tells the two apart; undefined for any customer's
   */
  find(orderId: string, minVersion: number, owner?: string): Promise<FoundOrder | undefined>;
  /** The order as it was at an instant, by its own events; undefined for an order that was never placed. */
  findAt(orderId: string, at: Date, owner?: string): Promise<OrderAt | undefined>;
  /** The views of these orders; without those of which the view has no `OrderPlaced`. */
  viewsOf(orderIds: readonly string[]): Promise<FoundOrder[]>;
  /** Which version each view has; without those that have no view yet. */
  versionsOf(orderIds: readonly string[]): Promise<ReadonlyMap<string, ViewVersion>>;
  /** The first `count` orders after the cursor. */
  list(filter: OrderFilter, count: number): Promise<ShownOrder[]>;
  /** The events of an order, the oldest first; empty for an order that was never placed. */
  history(orderId: string, owner?: string): Promise<HistoryEvent[]>;
  /** The request that placed the order; undefined for an order that was never placed. */
  originOf(orderId: string, owner?: string): Promise<Origin | undefined>;
}
