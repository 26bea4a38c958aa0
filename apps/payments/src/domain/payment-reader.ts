import type { Payment } from './payment.js';

/** A payment as it was last written. */
export interface RecordedPayment {
  readonly payment: Payment;
  readonly updatedAt: Date;
}

/** What can be asked about payments; implemented on the database. */
export abstract class PaymentReader {
  /** @throws TransientError when the database does not answer */
  abstract find(orderId: string): Promise<RecordedPayment | undefined>;
}
