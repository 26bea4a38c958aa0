import type { Caller } from '@orderflow/durable';
import type { MailRequest, NoticeCommand, Template } from '../../../apps/notifications/src/domain/notice.js';
import type { Bill, PaymentCommand, Refund } from '../../../apps/payments/src/domain/payment.js';
import type { Rules } from './rules.js';
import type { Process, Scheduler } from './scheduler.js';

/** @returns the answer. Rejects when the signal is aborted; the request goes on at the other side. */
const unlessAborted = <T>(answer: Promise<T>, signal: AbortSignal): Promise<T> =>
  Promise.race([
    answer,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    }),
  ]);

/** The mailbox of all customers. A mail that arrives again has the same message id and is kept once. */
export class Mailbox {
  /** By order id. */
  readonly mails = new Map<string, Set<Template>>();
  /** How often a mail arrived again. */
  copies = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly now: () => number,
  ) {}

  /** The mailbox, connected to one process. */
  of(process: Process): Record<'mail', Caller<NoticeCommand>> {
    return {
      mail: async ({ subject, request }, signal) => {
        const { template } = request as MailRequest;
        const put = () => {
          const known = this.mails.get(subject) ?? new Set();
          if (known.has(template)) this.copies++;
          this.mails.set(subject, known.add(template));
        };
        await unlessAborted(this.scheduler.request(process, `mail ${template} ${subject.slice(-2)}`, put), signal);
        const at = new Date(this.now()).toISOString();
        return { type: 'RecordAccepted', orderId: subject, template, messageId: `<${template}.${subject}>`, at };
      },
    };
  }
}

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
    private readonly rules: Rules,
  ) {}

  /** The provider, connected to one process. */
  of(process: Process): Record<'charge' | 'refund', Caller<PaymentCommand>> {
    return {
      charge: async ({ key, subject: orderId, request }, signal) => {
        const charge = () => this.chargeOnce(key, orderId, request as Bill);
        const answer = this.request(process, `charge ${orderId.slice(-2)}`, charge);
        const { isCaptured, chargeId } = await unlessAborted(answer, signal);
        return isCaptured
          ? { type: 'RecordCapture', orderId, chargeId }
          : { type: 'RecordDecline', orderId, code: 'card_declined' };
      },
      refund: async ({ key, subject: orderId, request }, signal) => {
        const refund = () => this.refundOnce(key, request as Refund);
        const answer = this.request(process, `refund ${orderId.slice(-2)}`, refund);
        const refundId = await unlessAborted(answer, signal);
        return { type: 'RecordRefund', orderId, refund: { refundId, isElsewhere: false } };
      },
    };
  }

  /** The request and its answer arrive in two steps. */
  private async request<T>(process: Process, label: string, effect: () => T): Promise<T> {
    const answer = await this.scheduler.request(process, label, effect);
    await this.scheduler.request(process, `${label}: answer`, () => undefined);
    return answer;
  }

  private chargeOnce(key: string, orderId: string, { amountMinor, token }: Bill): Charge {
    const known = this.charges.get(key);
    if (known) {
      this.rules.rare.add('a charge requested again');
      return known;
    }
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
