import { Injectable } from '@nestjs/common';
import { z } from 'zod';

const rate = z.number().min(0).max(1).default(0);
const delayMs = z.int().min(0).max(120_000).default(0);
const MAX_AMOUNT = 1_000_000_000_000;
const outage = z.boolean().default(false);

const paymentFaults = z.strictObject({
  declineRate: rate,
  errorRate: rate,
  delayMs,
  outage,
  /** The next so many refund requests fail. */
  failRefunds: z.int().min(0).max(1_000_000).default(0),
  /** The most that one charge or refund may be, in the provider's own convention: no fault, but a limit that can be lowered. */
  maxAmount: z.int().min(0).max(MAX_AMOUNT).default(MAX_AMOUNT),
});
const mailFaults = z.strictObject({
  outage,
  delayMs,
  /** The reply to every recipient, as in `554 5.7.1 blocked`. */
  reply: z
    .string()
    .regex(/^[45]\d\d [ -~]{1,200}$/)
    .exactOptional(),
});

/** The body of `PUT /faults`: a section in it replaces the whole section, a missing one stays as it is. */
export const faultsChange = z
  .strictObject({ payments: paymentFaults.optional(), mail: mailFaults.optional() })
  .meta({ id: 'FaultsChange' });

export const faultsState = z.object({ payments: paymentFaults, mail: mailFaults }).meta({ id: 'Faults' });

/** The faults that are on. Kept in memory: a restart ends all faults. */
@Injectable()
export class Faults {
  private state = faultsState.parse({ payments: {}, mail: {} });

  get payments(): Readonly<z.output<typeof paymentFaults>> {
    return this.state.payments;
  }

  get mail(): Readonly<z.output<typeof mailFaults>> {
    return this.state.mail;
  }

  /** Whether this refund request is one of `failRefunds`; each request counts. */
  failsRefund(): boolean {
    const { payments } = this.state;
    if (payments.failRefunds === 0) return false;
    this.state = { ...this.state, payments: { ...payments, failRefunds: payments.failRefunds - 1 } };
    return true;
  }

  /** The current state of all sections. */
  current(): z.output<typeof faultsState> {
    return this.state;
  }

  /** Replaces the sections in `change` and returns all sections. */
  change({ payments, mail }: z.output<typeof faultsChange>): z.output<typeof faultsState> {
    this.state = { payments: payments ?? this.state.payments, mail: mail ?? this.state.mail };
    return this.state;
  }
}
