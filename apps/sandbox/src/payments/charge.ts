/** The provider's decisions, without ledger and network. Money in minor units. */

export type ChargeOutcome =
  | { status: 'captured'; declineCode: null }
  | { status: 'declined'; declineCode: 'card_declined' | 'insufficient_funds' | 'invalid_token' };

export interface Charge {
  chargeId: string;
  idempotencyKey: string;
  fingerprint: string;
  orderId: string;
  amountMinor: number;
  currency: string;
  token: string;
  status: 'captured' | 'declined';
  declineCode: string | null;
  refundedMinor: number;
  createdAt: Date;
}

const CAPTURED: ChargeOutcome = { status: 'captured', declineCode: null };
const OUTCOMES: Record<string, ChargeOutcome> = {
  tok_visa: CAPTURED,
  tok_slow: CAPTURED,
  tok_timeout: CAPTURED,
  tok_flaky: CAPTURED,
  tok_declined: { status: 'declined', declineCode: 'card_declined' },
  tok_insufficient_funds: { status: 'declined', declineCode: 'insufficient_funds' },
};

/** @param isUnlucky whether the fault `declineRate` declines this charge */
export function decideCharge(token: string, isUnlucky: boolean): ChargeOutcome {
  const outcome = Object.hasOwn(OUTCOMES, token) ? OUTCOMES[token] : undefined;
  if (!outcome) return { status: 'declined', declineCode: 'invalid_token' };
  return isUnlucky ? { status: 'declined', declineCode: 'card_declined' } : outcome;
}

/** Kind and detail of a problem: the reason to refuse a refund. */
export type Refusal = readonly [kind: 'refund-too-large' | 'charge-already-refunded', detail: string];

/** The reason to refuse a refund, or null: never more than was captured. */
export function refusalOfRefund(charge: Charge, amountMinor: number): Refusal | null {
  if (charge.status !== 'captured') return ['refund-too-large', 'The charge was declined, nothing can be refunded.'];
  const left = charge.amountMinor - charge.refundedMinor;
  if (left === 0) return ['charge-already-refunded', 'The charge is refunded already.'];
  return amountMinor > left ? ['refund-too-large', `Only ${left} of the charge is left to refund.`] : null;
}

/** Delay of the answer to a charge, in milliseconds; Infinity means never. */
export function answerDelayMs(
  charge: Pick<Charge, 'token' | 'createdAt'>,
  nowMs: number,
  { slowMs, silenceMs }: { slowMs: number; silenceMs: number },
): number {
  if (charge.token === 'tok_slow') return slowMs;
  const isSilent = charge.token === 'tok_timeout' && nowMs < charge.createdAt.getTime() + silenceMs;
  return isSilent ? Infinity : 0;
}
