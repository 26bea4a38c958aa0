import type { ExternalCall } from '@orderflow/decider';
import type { Bill, PaymentCommand, Refund } from '../../../../apps/payments/src/domain/payment.js';
import type { Rules } from '../rules.js';
import type { Process, Scheduler } from '../scheduler.js';
import { unlessAborted } from './unless-aborted.js';

export interface Charge {
  readonly chargeId: string;
  readonly orderId: string;
  readonly amountMinor: number;
  readonly isCaptured: boolean;
  refundedMinor: number;
}

/** The payment provider: one charge and one refund per key, however often it is requested. */
export class Provider {
  readonly charges = new Map<string, Charge>();
  private readonly refunds = new Map<string, string>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly rules: Pick<Rules, 'violated' | 'chargedAgain'>,
  ) {}

  async charge(
    process: Process,
    { key, subject, request }: ExternalCall,
    signal: AbortSignal,
  ): Promise<PaymentCommand> {
    const answer = this.request(process, `charge ${subject.slice(-2)}`, () =>
      this.chargeOnce(key, subject, request as Bill),
    );
    const { isCaptured, chargeId } = await unlessAborted(answer, signal);
    return isCaptured
      ? { type: 'RecordCapture', orderId: subject, chargeId }
      : { type: 'RecordDecline', orderId: subject, code: 'card_declined' };
  }

  async refund(
    process: Process,
    { key, subject, request }: ExternalCall,
    signal: AbortSignal,
  ): Promise<PaymentCommand> {
    const answer = this.request(process, `refund ${subject.slice(-2)}`, () => this.refundOnce(key, request as Refund));
    return { type: 'RecordRefund', orderId: subject, refundId: await unlessAborted(answer, signal) };
  }

  /** The request and its answer arrive in two steps. */
  private async request<T>(process: Process, label: string, effect: () => T): Promise<T> {
    const answer = await this.scheduler.request(process, label, effect);
    await this.scheduler.request(process, `${label}: answer`, () => undefined);
    return answer;
  }

  private chargeOnce(key: string, orderId: string, { amountMinor, token }: Bill): Charge {
    const known = this.charges.get(key);
    if (known) this.rules.chargedAgain();
    if (known) return known;
    const isCaptured = token !== 'tok_declined';
    if (isCaptured && [...this.charges.values()].some((other) => other.orderId === orderId && other.isCaptured))
      this.rules.violated('an order is charged at most once');
    const charge = { chargeId: `ch_${this.charges.size + 1}`, orderId, amountMinor, isCaptured, refundedMinor: 0 };
    this.charges.set(key, charge);
    return charge;
  }

  private refundOnce(key: string, { chargeId, amountMinor }: Refund): string {
    const known = this.refunds.get(key);
    if (known !== undefined) return known;
    const charge = [...this.charges.values()].find((one) => one.chargeId === chargeId);
    if (!charge?.isCaptured || charge.refundedMinor + amountMinor > charge.amountMinor)
      this.rules.violated('never more is refunded than was captured');
    else charge.refundedMinor += amountMinor;
    const refundId = `re_${this.refunds.size + 1}`;
    this.refunds.set(key, refundId);
    return refundId;
  }
}
