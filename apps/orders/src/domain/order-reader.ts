import type { OrderStatus, PaymentStatus, StockStatus } from './order-view.js';
import type { CancelReason } from './order.js';
import type { PricedLine } from './price-list.js';

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
  /** The side of the service that answered. */
  readonly readFrom: 'view' | 'write-side';
}

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
   */
  find(orderId: string, minVersion: number): Promise<FoundOrder | undefined>;
  /** The first `count` orders after the cursor. */
  list(filter: OrderFilter, count: number): Promise<ShownOrder[]>;
  /** The events of an order, the oldest first; empty for an order that was never placed. */
  history(orderId: string): Promise<HistoryEvent[]>;
  /** The request that placed the order; undefined for an order that was never placed. */
  originOf(orderId: string): Promise<Origin | undefined>;
}
