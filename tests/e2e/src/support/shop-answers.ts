/** What the services answer, as far as it is looked at here; written from the API's documentation, not from its code. */

export interface Placed {
  readonly orderId: string;
  readonly status: string;
  readonly version: number;
  readonly totalMinor: number;
  readonly currency: string;
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
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPriceMinor: number }[];
  readonly totalMinor: number;
  readonly currency: string;
  readonly traceId: string;
}

export interface Product {
  readonly sku: string;
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

export interface Charge {
  readonly orderId: string;
  readonly status: 'captured' | 'declined';
  readonly amountMinor: number;
  readonly refundedMinor: number;
}

export interface Mail {
  readonly orderId: string | null;
  readonly template: string | null;
  readonly to: string;
  readonly copies: number;
}
