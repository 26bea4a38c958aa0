import type { FieldEncrypter } from '@orderflow/encryption';
import { createHmac } from 'node:crypto';
import type { PlaceOrder } from '../domain/order.js';

/** The payment token of a request as orders keeps it: nothing here or in Kafka tells the token, and only payments can decrypt it. */
export class PaymentTokens {
  /** @param secret key of the digests: without one the hash of a token could be guessed */
  constructor(
    private readonly encrypter: FieldEncrypter,
    private readonly secret: string,
  ) {}

  seal(token: string, orderId: string): Pick<PlaceOrder, 'paymentToken' | 'paymentTokenDigest'> {
    return {
      // guard: orders: the payment token leaves a request encrypted
      paymentToken: this.encrypter.encrypt(token, orderId),
      // With the order's id, so that the orders of one card cannot be recognised by it.
      paymentTokenDigest: createHmac('sha256', this.secret)
        .update(`payment-token ${orderId} ${token}`)
        .digest('base64url'),
    };
  }
}
