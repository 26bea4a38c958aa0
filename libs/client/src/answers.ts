/** The bodies of requests and responses, as far as they are read here; written from the API's documentation, not from its code. */

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** An order to place; what is left out is filled in by {@link SystemClient.place}. */
export interface NewOrder {
  readonly lines: readonly Line[];
  readonly customerId?: string;
  readonly email?: string;
  /** A test token of the sandbox's payment provider. */
  readonly paymentToken?: string;
  readonly currency?: string;
}

export interface Order {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: 'placed' | 'confirmed' | 'cancelled';
  readonly cancelReason?: string;
  readonly stock: string;
  readonly payment: string;
  readonly settled: boolean;
  readonly version: number;
  readonly lines: readonly (Line & { readonly unitPriceMinor: number })[];
  readonly totalMinor: number;
  readonly currency: string;
  readonly traceId: string;
}

export type PlacedOrder = Pick<Order, 'orderId' | 'status' | 'version' | 'totalMinor' | 'currency'>;

export interface NewProduct {
  readonly sku: string;
  readonly name: string;
  readonly priceMinor: number;
  readonly currency: string;
}

export interface Product extends NewProduct {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly committed: number;
}

export interface Payment {
  readonly orderId: string;
  readonly status: string;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

export interface Notification {
  readonly orderId: string;
  readonly template: string;
  readonly status: string;
}

/** An entry in the payment provider's ledger. */
export interface Charge {
  readonly chargeId: string;
  readonly orderId: string;
  readonly status: 'captured' | 'declined';
  readonly amountMinor: number;
  readonly currency: string;
  readonly refundedMinor: number;
}

/** A mail in the sandbox's mailbox. */
export interface Mail {
  readonly orderId: string | null;
  readonly template: string | null;
  readonly to: string;
  readonly text: string;
  /** How often the same Message-ID arrived. */
  readonly copies: number;
}

/** Faults of the sandbox; a section that is given replaces the one before as a whole. */
export interface Faults {
  readonly payments?: object;
  readonly mail?: object;
}

/** A record of a service's `parked` table, as `GET /dead-letters` lists it. */
export interface ParkedRecord {
  readonly id: string;
  readonly state: string;
  readonly type: string | null;
  readonly consumer: string;
  readonly orderId: string;
  readonly reason: string;
  readonly attempts: number;
}

/** `GET /outbox`. */
export interface OutboxState {
  readonly pending: number;
  readonly oldestAgeMs: number;
  readonly rejected: number;
}
