import { bodyFingerprint, Problem, ServiceUnavailable } from '@orderflow/http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Faults } from '../faults/faults.js';
import { type AmountConvention, ledgerAmount } from './amounts.js';
import { answerDelayMs, type Charge, decideCharge } from './charge.js';
import { keyReused, type Ledger } from './ledger.js';

export interface ChargeRequest {
  orderId: string;
  /** In the provider's convention. */
  amountMinor: number;
  currency: string;
  token: string;
}

const FLAKY_FAILURES = 2;
const MOST_FLAKY_KEYS = 10_000;

/** The payment provider: the behaviour of its tokens and the faults that are on. */
export class PaymentProvider {
  private readonly flakyFailures = new Map<string, number>();

  constructor(
    private readonly ledger: Ledger,
    private readonly faults: Faults,
    private readonly timing: { slowMs: number; silenceMs: number },
    private readonly convention: AmountConvention,
  ) {}

  /**
   * Charges once per idempotency key. The row is committed before the answer, and before a lost answer.
   * @param gone aborts when the caller has gone: a silence ends with it
   * @throws Problem 422 the key was used with another body, or the amount is refused; 500 and 503 by fault
   */
  async charge(idempotencyKey: string, request: ChargeRequest, gone: AbortSignal): Promise<Charge> {
    const isAnswerLost = await this.misbehave();
    const fingerprint = bodyFingerprint(request);
    const amountMinor = this.accepted(request.amountMinor, request.currency);
    if (request.token === 'tok_flaky') await this.failTwice(idempotencyKey);
    const outcome = decideCharge(request.token, Math.random() < this.faults.payments.declineRate);
    const charge = await this.ledger.record({ ...request, amountMinor, ...outcome, idempotencyKey, fingerprint });
    if (charge.fingerprint !== fingerprint) throw keyReused();
    if (isAnswerLost) throw failure();
    await this.wait(charge, gone);
    return charge;
  }

  /**
   * Refunds once per idempotency key and returns the refund's id.
   * @throws Problem as `Ledger.refund` does, 422 the amount is refused; 500 and 503 by fault
   */
  async refund(idempotencyKey: string, request: { chargeId: string; amountMinor: number }): Promise<string> {
    const isAnswerLost = await this.misbehave(this.faults.failsRefund());
    const fingerprint = bodyFingerprint(request);
    const { currency } = await this.ledger.charge(request.chargeId);
    const amountMinor = this.accepted(request.amountMinor, currency);
    const refundId = await this.ledger.refund({ ...request, amountMinor, idempotencyKey, fingerprint });
    if (isAnswerLost) throw failure();
    return refundId;
  }

  /** The amount in the ledger's unit. */
  private accepted(amount: number, currency: string): number {
    const { maxAmount } = this.faults.payments;
    if (amount > maxAmount)
      throw new Problem(422, 'amount-too-large', `The amount is above the limit of ${maxAmount}.`);
    const inLedger = ledgerAmount(amount, currency, this.convention);
    if (inLedger === undefined) throw new Problem(422, 'invalid-amount', `${amount} is no amount in ${currency} here.`);
    return inLedger;
  }

  // Half of the errors come after the work is done: only these test a retry with the same key.
  private async misbehave(isToFail = false): Promise<boolean> {
    const { outage, delayMs, errorRate } = this.faults.payments;
    if (outage) throw new ServiceUnavailable(undefined, 'The payment provider is down.');
    if (delayMs > 0) await delay(delayMs);
    if (!isToFail && Math.random() >= errorRate) return false;
    if (Math.random() < 0.5) throw failure();
    return true;
  }

  private async failTwice(key: string): Promise<void> {
    if (await this.ledger.find(key)) return;
    const failures = this.flakyFailures.get(key) ?? 0;
    if (failures >= FLAKY_FAILURES) {
      this.flakyFailures.delete(key);
      return;
    }
    if (this.flakyFailures.size >= MOST_FLAKY_KEYS) this.flakyFailures.clear();
    this.flakyFailures.set(key, failures + 1);
    throw failure();
  }

  private async wait(charge: Charge, gone: AbortSignal): Promise<void> {
    const delayMs = answerDelayMs(charge, Date.now(), this.timing);
    if (delayMs === 0 || gone.aborted) return;
    // A request that waited for ever would count as one in progress for ever.
    if (delayMs === Infinity) await once(gone, 'abort');
    else await delay(delayMs);
  }
}

const failure = (): Problem => new Problem(500, 'internal', 'The payment provider failed.');
