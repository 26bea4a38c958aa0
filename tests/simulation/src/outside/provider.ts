import type { ExternalCall } from '@orderflow/decider';
import type { Bill, PaymentCommand, Refund } from '../../../../apps/payments/src/domain/payment.js';
import type { Process, Scheduler } from '../scheduler.js';
import { unlessAborted } from './unless-aborted.js';

export interface Charge {
  readonly chargeId: string;
  readonly orderId: string;
  readonly amountMinor: number;
  readonly isCaptured: boolean;
  refundedMinor: number;
}

/** The payment provider: one charge and one refund per key, whoever asks how often. */
export class Provider {
  readonly charges = new Map<string, Charge>();
  private readonly refunds = new Map<string, string>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly told: { violated(rule: string): void; askedAgain(): void },
  ) {}

  async charge(
    process: Process,
    { key, subject, request }: ExternalCall,
    signal: AbortSignal,
  ): Promise<PaymentCommand> {
    const ask = this.ask(process, `charge ${subject.slice(-2)}`, () => this.chargeOnce(key, subject, request as Bill));
    const { isCaptured, chargeId } = await unlessAborted(ask, signal);
    return isCaptured
      ? { type: 'RecordCapture', orderId: subject, chargeId }
      : { type: 'RecordDecline', orderId: subject, code: 'card_declined' };
  }

  async refund(
    process: Process,
    { key, subject, request }: ExternalCall,
    signal: AbortSignal,
  ): Promise<PaymentCommand> {
    const ask = this.ask(process, `refund ${subject.slice(-2)}`, () => this.refundOnce(key, request as Refund));
    return { type: 'RecordRefund', orderId: subject, refundId: await unlessAborted(ask, signal) };
  }

  /** What an order has paid by now. */
  paidBy(orderId: string): number {
    const charges = [...this.charges.values()].filter((charge) => charge.orderId === orderId && charge.isCaptured);
    return charges.reduce((sum, { amountMinor, refundedMinor }) => sum + amountMinor - refundedMinor, 0);
  }

  /** The request arrives, and some time later the answer. */
  private async ask<T>(process: Process, label: string, effect: () => T): Promise<T> {
    const answer = await this.scheduler.ask(process, label, effect);
    await this.scheduler.ask(process, `${label}: answer`, () => undefined);
    return answer;
  }

  private chargeOnce(key: string, orderId: string, { amountMinor, token }: Bill): Charge {
    const known = this.charges.get(key);
    if (known) this.told.askedAgain();
    if (known) return known;
    const isCaptured = token !== 'tok_declined';
    if (isCaptured && [...this.charges.values()].some((other) => other.orderId === orderId && other.isCaptured))
      this.told.violated('an order is charged at most once');
    const charge = { chargeId: `ch_${this.charges.size + 1}`, orderId, amountMinor, isCaptured, refundedMinor: 0 };
    this.charges.set(key, charge);
    return charge;
  }

  private refundOnce(key: string, { chargeId, amountMinor }: Refund): string {
    const known = this.refunds.get(key);
    if (known !== undefined) return known;
    const charge = [...this.charges.values()].find((one) => one.chargeId === chargeId);
    if (!charge?.isCaptured || charge.refundedMinor + amountMinor > charge.amountMinor)
      this.told.violated('never more is refunded than was captured');
    else charge.refundedMinor += amountMinor;
    const refundId = `re_${this.refunds.size + 1}`;
    this.refunds.set(key, refundId);
    return refundId;
  }
}
