import { describe, expect, it } from '@jest/globals';
import { answerDelayMs, type Charge, decideCharge, refusalOfRefund } from './charge.js';

const charge = (change: Partial<Charge> = {}): Charge => ({
  chargeId: 'ch_1',
  idempotencyKey: 'k',
  fingerprint: 'f',
  orderId: 'o',
  amountMinor: 1_000,
  currency: 'EUR',
  token: 'tok_visa',
  status: 'captured',
  declineCode: null,
  refundedMinor: 0,
  createdAt: new Date(100_000),
  ...change,
});

describe('a charge', () => {
  it.each(['tok_visa', 'tok_slow', 'tok_timeout', 'tok_flaky'])('with %s is captured', (token) => {
    expect(decideCharge(token, false)).toEqual({ status: 'captured', declineCode: null });
  });

  it.each([
    ['tok_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_unknown', 'invalid_token'],
    ['constructor', 'invalid_token'],
  ])('with %s is declined: %s', (token, declineCode) => {
    expect(decideCharge(token, false)).toEqual({ status: 'declined', declineCode });
  });

  it('is declined by the fault declineRate', () => {
    expect(decideCharge('tok_visa', true)).toEqual({ status: 'declined', declineCode: 'card_declined' });
  });
});

describe('a refund', () => {
  it('is accepted up to the amount that is left', () => {
    expect(refusalOfRefund(charge(), 1_000)).toBeNull();
    expect(refusalOfRefund(charge({ refundedMinor: 400 }), 600)).toBeNull();
  });

  it('is never more than was captured', () => {
    expect(refusalOfRefund(charge(), 1_001)).toEqual(['refund-too-large', expect.stringMatching(/Only 1000/)]);
    expect(refusalOfRefund(charge({ refundedMinor: 400 }), 601)).toEqual([
      'refund-too-large',
      expect.stringMatching(/Only 600/),
    ]);
  });

  it('of a charge that was refunded already is told apart', () => {
    expect(refusalOfRefund(charge({ refundedMinor: 1_000 }), 1)?.[0]).toBe('charge-already-refunded');
  });

  it('of a declined charge is refused', () => {
    expect(refusalOfRefund(charge({ status: 'declined', declineCode: 'card_declined' }), 1)).toEqual([
      'refund-too-large',
      expect.stringMatching(/declined/),
    ]);
  });
});

describe('the answer', () => {
  const timing = { slowMs: 3_000, silenceMs: 65_000 };

  it('is immediate, or delayed for tok_slow', () => {
    expect(answerDelayMs(charge(), 100_000, timing)).toBe(0);
    expect(answerDelayMs(charge({ token: 'tok_slow' }), 100_000, timing)).toBe(3_000);
  });

  it('of tok_timeout never comes within the silence, and is immediate afterwards', () => {
    expect(answerDelayMs(charge({ token: 'tok_timeout' }), 100_000, timing)).toBe(Infinity);
    expect(answerDelayMs(charge({ token: 'tok_timeout' }), 164_999, timing)).toBe(Infinity);
    expect(answerDelayMs(charge({ token: 'tok_timeout' }), 165_000, timing)).toBe(0);
  });
});
