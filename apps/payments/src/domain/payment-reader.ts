import type { Payment } from './payment.js';

/** A payment as last written. */
export interface RecordedPayment {
  readonly payment: Payment;
  readonly updatedAt: Date;
}

/** The token by which a controller gets its reader: http/ and adapters/ do not import each other. */
export const PaymentReader = Symbol('PaymentReader');

export interface PaymentReader {
  /** @throws TransientError when the database does not answer */
  find(orderId: string): Promise<RecordedPayment | undefined>;
}
