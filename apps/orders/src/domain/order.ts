import { createHash } from 'node:crypto';
import type { EventData, Published } from '@orderflow/contracts';
import { assertNever, BrokenRule, type Decider } from '@orderflow/decider';
import {
  listPrice,
  type ListPrice,
  priceLines,
  type PriceList,
  type PriceListed,
  type RequestedLine,
  totalOf,
} from './price-list.js';

export type CancelReason = EventData['OrderCancelled']['reason'];

/** What a customer asks for. */
export interface OrderRequest {
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly lines: readonly RequestedLine[];
  readonly paymentToken: string;
}

/** What every order has, whatever became of it. */
interface Placed {
  /** How many events it has. */
  readonly version: number;
  readonly email: string;
  readonly totalMinor: number;
  readonly currency: string;
  /** Tells the same request, sent again, from another one under the same id. */
  readonly fingerprint: string;
}

export type OrderState =
  | { readonly status: 'none'; readonly version: 0 }
  | (Placed & { readonly status: 'placed' })
  | (Placed & { readonly status: 'confirmed' })
  | (Placed & { readonly status: 'cancelled'; readonly reason: CancelReason });

/** An order that was placed. */
export type KnownOrder = Exclude<OrderState, { status: 'none' }>;

/** What one command is decided on. */
export interface OrderContext {
  readonly order: OrderState;
  readonly prices: PriceList;
}

export interface PlaceOrder extends OrderRequest {
  readonly type: 'PlaceOrder';
  readonly orderId: string;
}

/** The order is paid for. */
export interface ConfirmOrder {
  readonly type: 'ConfirmOrder';
  readonly orderId: string;
}

/** The order cannot be carried out. */
export interface CancelOrder {
  readonly type: 'CancelOrder';
  readonly orderId: string;
  readonly reason: Exclude<CancelReason, 'customer_request' | 'unknown'>;
}

/** The customer does not want it any more. */
export interface RequestCancel {
  readonly type: 'RequestCancel';
  readonly orderId: string;
}

export type OrderCommand = PlaceOrder | ConfirmOrder | CancelOrder | RequestCancel | ListPrice;

export type OrderEvent = Published<'orders'> & { readonly orderId: string };

export class UnknownOrder extends BrokenRule {
  constructor(orderId: string) {
    super(`there is no order ${orderId}`, 'unknown-order');
  }
}

export class IdempotencyKeyReused extends BrokenRule {
  constructor() {
    super('this idempotency key was used for another order', 'idempotency-key-reused');
  }
}

export const noOrder: OrderState = { status: 'none', version: 0 };

export const orderDecider: Decider<OrderContext, OrderCommand, OrderEvent | PriceListed> = {
  decide(command, { order, prices }) {
    switch (command.type) {
      case 'PlaceOrder':
        return place(command, order, prices);
      case 'ConfirmOrder':
        return confirm(command, order);
      case 'CancelOrder':
        return cancel(command, order);
      case 'RequestCancel':
        return requestCancel(command, order);
      case 'ListPrice':
        return listPrice(command, prices);
      default:
        return assertNever(command);
    }
  },
  evolve(desk, event) {
    if (event.type !== 'PriceListed') return { ...desk, order: evolveOrder(desk.order, event) };
    return { ...desk, prices: new Map(desk.prices).set(event.sku, event.price) };
  },
};

/** The state of one order after one more of its events. */
export function evolveOrder(order: OrderState, event: OrderEvent): KnownOrder {
  if (event.type === 'OrderPlaced') {
    const { email, totalMinor, currency } = event.data;
    return { status: 'placed', version: 1, email, totalMinor, currency, fingerprint: fingerprintOf(event.data) };
  }
  if (order.status === 'none') throw new Error(`${event.type} of ${event.orderId} comes before OrderPlaced`);
  const next = { ...order, version: order.version + 1 };
  switch (event.type) {
    case 'OrderConfirmed':
      return { ...next, status: 'confirmed' };
    case 'OrderCancelled':
      return { ...next, status: 'cancelled', reason: event.data.reason };
    default:
      return assertNever(event);
  }
}

function place(command: PlaceOrder, order: OrderState, prices: PriceList): OrderEvent[] {
  if (order.status !== 'none') {
    if (order.fingerprint === fingerprintOf(command)) return [];
    throw new IdempotencyKeyReused();
  }
  const { orderId, customerId, email, currency, paymentToken } = command;
  const lines = priceLines(command.lines, currency, prices);
  const data = { customerId, email, currency, lines, totalMinor: totalOf(lines), paymentToken };
  return [{ type: 'OrderPlaced', orderId, data }];
}

function confirm({ orderId }: ConfirmOrder, order: OrderState): OrderEvent[] {
  if (order.status === 'none') throw new UnknownOrder(orderId);
  // Over already: when it was cancelled, payments hears of that and gives the money back.
  if (order.status !== 'placed') return [];
  const { email, totalMinor, currency } = order;
  return [{ type: 'OrderConfirmed', orderId, data: { email, totalMinor, currency } }];
}

function cancel({ orderId, reason }: CancelOrder, order: OrderState): OrderEvent[] {
  if (order.status === 'none') throw new UnknownOrder(orderId);
  if (order.status !== 'placed') return [];
  return [{ type: 'OrderCancelled', orderId, data: { email: order.email, reason } }];
}

function requestCancel({ orderId }: RequestCancel, order: OrderState): OrderEvent[] {
  if (order.status === 'none') throw new UnknownOrder(orderId);
  if (order.status !== 'placed') throw new BrokenRule(`the order is ${order.status} already`, 'order-over');
  return [{ type: 'OrderCancelled', orderId, data: { email: order.email, reason: 'customer_request' } }];
}

/** SHA-256 over what the customer asked for. `OrderPlaced` holds all of it, so that history alone gives it again. */
function fingerprintOf({ customerId, email, currency, lines, paymentToken }: OrderRequest): string {
  const wanted = lines.map(({ sku, quantity }) => [sku, quantity]);
  const canonical = JSON.stringify([customerId, email, currency, wanted, paymentToken]);
  return createHash('sha256').update(canonical).digest('base64url');
}
