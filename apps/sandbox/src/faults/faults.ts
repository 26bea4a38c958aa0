import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Section } from './section.js';

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
  .strictObject({
    payments: paymentFaults.optional(),
    mail: mailFaults.optional(),
    /** Seconds after which the sections of this change end by themselves; without it they stay on. */
    forSeconds: z.int().min(1).max(3_600).exactOptional(),
  })
  .meta({ id: 'FaultsChange' });

const span = z.object({
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable().describe('When it ends or has ended; null where nothing ends it by itself'),
});

export const faultsState = z
  .object({
    payments: paymentFaults,
    mail: mailFaults,
    last: z
      .object({ payments: span.nullable(), mail: span.nullable() })
      .describe('When the fault of a section that is on began, or the last one; null without any since the start'),
  })
  .meta({ id: 'Faults' });

/** The faults that are on. Kept in memory: a restart ends all faults. */
@Injectable()
export class Faults {
  private readonly sections = {
    payments: new Section(paymentFaults.parse({})),
    mail: new Section(mailFaults.parse({})),
  };

  get payments(): Readonly<z.output<typeof paymentFaults>> {
    return this.sections.payments.fault;
  }

  get mail(): Readonly<z.output<typeof mailFaults>> {
    return this.sections.mail.fault;
  }

  /** Whether this refund request is one of `failRefunds`; each request counts. */
  failsRefund(): boolean {
    const { payments } = this;
    if (payments.failRefunds === 0) return false;
    this.sections.payments.fault = { ...payments, failRefunds: payments.failRefunds - 1 };
    return true;
  }

  /** The current state of all sections. */
  current(): z.output<typeof faultsState> {
    const { payments, mail } = this.sections;
    return { payments: payments.fault, mail: mail.fault, last: { payments: payments.last, mail: mail.last } };
  }

  /** Replaces the sections in `change` and returns all sections. */
  change({ payments, mail, forSeconds }: z.output<typeof faultsChange>): z.output<typeof faultsState> {
    if (payments !== undefined) this.sections.payments.replace(payments, forSeconds);
    if (mail !== undefined) this.sections.mail.replace(mail, forSeconds);
    return this.current();
  }
}
