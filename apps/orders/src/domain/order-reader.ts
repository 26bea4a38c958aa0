import type { OrderStatus, PaymentStatus, StockStatus } from './order-view.js';
import type { CancelReason } from './order.js';
import type { PricedLine } from './price-list.js';

/** An order as it is shown. */
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
  /** Which side of the service knew it. */
  readonly readFrom: 'view' | 'write-side';
}

/** One event of an order's history, without what is nobody's business: e-mail address and payment token. */
export interface HistoryEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly time: Date;
  readonly data: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly causationId: string;
}

/** The request that an order began with. */
export interface Origin {
  readonly correlationId: string;
  readonly traceparent: string;
}

/** Where a list of orders goes on: orders are listed by when they were placed, the newest first. */
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

/** How requests read orders. */
export abstract class OrderReader {
  /** The order at `minVersion` or later: waits for the view at most a second, then takes what the write side knows. */
  abstract find(orderId: string, minVersion: number): Promise<FoundOrder | undefined>;
  /** The first `count` orders after the cursor. */
  abstract list(filter: OrderFilter, count: number): Promise<ShownOrder[]>;
  /** Everything that happened to an order, the oldest first; empty for an order that was never placed. */
  abstract history(orderId: string): Promise<HistoryEvent[]>;
  /** What all that happens to the order belongs to; undefined for an order that was never placed. */
  abstract originOf(orderId: string): Promise<Origin | undefined>;
}
