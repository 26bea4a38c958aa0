import { Injectable } from '@nestjs/common';
import { z } from 'zod';

const rate = z.number().min(0).max(1).default(0);
const delayMs = z.int().min(0).max(120_000).default(0);
const outage = z.boolean().default(false);

const paymentFaults = z.strictObject({
  declineRate: rate,
  errorRate: rate,
  delayMs,
  outage,
  /** So many refunds that are asked for fail, then they work again. */
  failRefunds: z.int().min(0).max(1_000_000).default(0),
});
const mailFaults = z.strictObject({ outage, delayMs });

/** A body of `PUT /faults`: a section that is named is replaced as a whole, one that is not stays as it is. */
export const faultsChange = z
  .strictObject({ payments: paymentFaults.optional(), mail: mailFaults.optional() })
  .meta({ id: 'FaultsChange' });

export const faultsState = z.object({ payments: paymentFaults, mail: mailFaults }).meta({ id: 'Faults' });

/** How the outside world misbehaves at the moment. Kept in memory: a restart ends all faults. */
@Injectable()
export class Faults {
  private state = faultsState.parse({ payments: {}, mail: {} });

  get payments(): Readonly<z.output<typeof paymentFaults>> {
    return this.state.payments;
  }

  get mail(): Readonly<z.output<typeof mailFaults>> {
    return this.state.mail;
  }

  /** Whether the refund that is asked for now is one of those that fail: each asking counts. */
  failsRefund(): boolean {
    const { payments } = this.state;
    if (payments.failRefunds === 0) return false;
    this.state = { ...this.state, payments: { ...payments, failRefunds: payments.failRefunds - 1 } };
    return true;
  }

  /** All sections as they are now. */
  current(): z.output<typeof faultsState> {
    return this.state;
  }

  /** Replaces the sections that `change` names and answers with all of them. */
  change({ payments, mail }: z.output<typeof faultsChange>): z.output<typeof faultsState> {
    this.state = { payments: payments ?? this.state.payments, mail: mail ?? this.state.mail };
    return this.state;
  }
}
