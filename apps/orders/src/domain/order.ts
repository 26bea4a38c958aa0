import { createHash } from 'node:crypto';
import type { Published } from '@orderflow/contracts';
import type { CancelReason } from '@orderflow/order-view';
import type { ListPrice, PriceList, RequestedLine } from './price-list.js';

/** The body of `POST /orders`. */
export interface OrderRequest {
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly lines: readonly RequestedLine[];
  /** Encrypted for payments: orders never stores it in clear. */
  readonly paymentToken: string;
  /**
   * A keyed hash of order id and token: the encrypted token differs at each request, also for the same token. Orders that are
   * older than the field have none, or an empty one where their event was read by its schema.
   */
  readonly paymentTokenDigest?: string | undefined;
  /** The total that the customer saw, in minor units; null or left out where the request names none. */
  readonly expectedTotalMinor?: number | null;
}

/** The part that every status has. */
interface Placed {
  /** Number of its events. */
  readonly version: number;
  readonly email: string;
  readonly totalMinor: number;
  readonly currency: string;
  /** Tells a repeated request from another one with the same idempotency key. */
  readonly fingerprint: string;
}

export type OrderState =
  | { readonly status: 'none'; readonly version: 0 }
  | (Placed & { readonly status: 'placed' })
  | (Placed & { readonly status: 'confirmed' })
  | (Placed & { readonly status: 'cancelled'; readonly reason: CancelReason });

export type KnownOrder = Exclude<OrderState, { status: 'none' }>;

/** The state that a command is decided on. */
export interface OrderContext {
  readonly order: OrderState;
  readonly prices: PriceList;
}

export interface PlaceOrder extends OrderRequest {
  readonly paymentTokenDigest: string;
  readonly type: 'PlaceOrder';
  readonly orderId: string;
  /** The most that the payment provider charges at once, in minor units. */
  readonly mostTotalMinor: number;
}

/** The order cannot be carried out. */
export interface CancelOrder {
  readonly type: 'CancelOrder';
  readonly orderId: string;
  readonly reason: Exclude<CancelReason, 'customer_request' | 'unknown'>;
}

export type OrderCommand =
  | PlaceOrder
  /** The payment was captured. */
  | { readonly type: 'ConfirmOrder'; readonly orderId: string }
  | CancelOrder
  /** The customer cancels. */
  | { readonly type: 'RequestCancel'; readonly orderId: string }
  | ListPrice;

export type OrderEvent = Published<'orders'> & { readonly orderId: string };

export const noOrder: OrderState = { status: 'none', version: 0 };

/** SHA-256 of a request. `OrderPlaced` holds all of its fields, so that the fingerprint can be rebuilt from the events. */
export function fingerprintOf(request: OrderRequest): string {
  const { customerId, email, currency, lines, paymentTokenDigest, expectedTotalMinor } = request;
  const quantities = lines.map(({ sku, quantity }) => [sku, quantity]);
  // Appended where it is named: orders that are older than the field keep their fingerprints.
  const expected = typeof expectedTotalMinor === 'number' ? [expectedTotalMinor] : [];
  const digest = paymentTokenDigest === '' ? undefined : paymentTokenDigest;
  const canonical = JSON.stringify([customerId, email, currency, quantities, digest, ...expected]);
  return createHash('sha256').update(canonical).digest('base64url');
}

/** Whether a request is the one that placed an order. Where the order has no digest of its token, the rest alone tells. */
export const isRequestOf = ({ fingerprint }: KnownOrder, request: OrderRequest): boolean =>
  fingerprint === fingerprintOf(request) || fingerprint === fingerprintOf({ ...request, paymentTokenDigest: '' });
