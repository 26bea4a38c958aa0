import { Logger } from '@nestjs/common';
import type { ExternalCall } from '@orderflow/decider';
import { type FieldDecrypter, isEncrypted, UnreadableField } from '@orderflow/encryption';
import type { Bill, PaymentCommand } from '../domain/payment.js';
import type { PaymentProvider } from './payment-provider.js';

/** Payment tokens are decrypted for the length of a call: rows, calls and events hold only the encrypted ones. */
export class PaymentTokens {
  private readonly logger = new Logger(PaymentTokens.name);

  constructor(
    private readonly decrypter: FieldDecrypter,
    private readonly provider: Pick<PaymentProvider, 'charge'>,
  ) {}

  /**
   * Checks an event before it is taken on: one without a key for its token is parked, and handled once the key is there.
   * @throws UnknownKey, UnreadableField
   */
  demandKey(token: string): void {
    // guard: payments: an order whose token no key can decrypt is parked
    if (isEncrypted(token)) this.decrypter.demandKey(token);
  }

  /** Charges with the decrypted token. */
  async charge(call: ExternalCall, signal: AbortSignal): Promise<PaymentCommand> {
    const bill = call.request as Bill;
    let token: string;
    try {
      token = await this.decrypt(bill.token, call.subject);
    } catch (error) {
      if (!(error instanceof UnreadableField)) throw error;
      this.logger.error(`${call.key} is declined: ${error.message}`);
      // No attempt can have charged: each of them needs the token first, and no key will ever decrypt it.
      return { type: 'RecordDecline', orderId: call.subject, code: 'unreadable_token' };
    }
    return this.provider.charge({ ...call, request: { ...bill, token } }, signal);
  }

  private async decrypt(token: string, orderId: string): Promise<string> {
    // OrderPlaced up to 1.1.0 held it in clear: such orders may still be under way.
    return isEncrypted(token) ? this.decrypter.decrypt(token, orderId) : token;
  }
}
