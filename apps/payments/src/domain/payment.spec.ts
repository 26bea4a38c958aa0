import { describe, expect, it } from '@jest/globals';
import { BrokenRule } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { newPayment, type Payment, type PaymentCommand } from './payment.js';

const orderId = randomUUID();
const money = { amountMinor: 1900, currency: 'EUR' };
const bill = { ...money, token: 'tok_visa' };

const placed: PaymentCommand = { type: 'NotePlaced', orderId, bill };
const reserved: PaymentCommand = { type: 'NoteReserved', orderId };
const cancelled: PaymentCommand = { type: 'CancelPayment', orderId };
const captured: PaymentCommand = { type: 'RecordCapture', orderId, chargeId: 'ch_1' };
const declined: PaymentCommand = { type: 'RecordDecline', orderId, code: 'card_declined' };
const refunded: PaymentCommand = { type: 'RecordRefund', orderId, refundId: 're_1' };

const step = (payment: Payment, command: PaymentCommand): Payment => decide(command, payment).reduce(evolve, payment);

const given = (...commands: PaymentCommand[]) => {
  const state = commands.reduce(step, newPayment(orderId));
  return { state, when: (command: PaymentCommand) => decide(command, state) };
};
const broken = (rule: string) => expect.objectContaining({ constructor: BrokenRule, rule });

const chargeRequested = { type: 'ChargeRequested', data: bill };
const paymentCaptured = { type: 'PaymentCaptured', data: { chargeId: 'ch_1', ...money } };
const refundRequested = { type: 'RefundRequested', data: { chargeId: 'ch_1', ...money } };

describe('a charge', () => {
  it('is asked for when the stock is reserved for an order that is placed', () => {
    expect(given(placed).when(reserved)).toEqual([chargeRequested]);
  });

  it('is asked for when the order comes after its reservation', () => {
    expect(given(reserved).when(placed)).toEqual([chargeRequested]);
  });

  it('is not asked for while one of the two is missing', () => {
    expect(given().when(placed)).toEqual([{ type: 'OrderNoted', data: bill }]);
    expect(given().when(reserved)).toEqual([{ type: 'ReservationNoted' }]);
  });

  it('is refused for another amount than the first', () => {
    const dearer: PaymentCommand = { ...placed, bill: { ...bill, amountMinor: 2000 } };
    expect(() => given(placed).when(dearer)).toThrow(broken('one-bill'));
    expect(() => given(placed, reserved).when(dearer)).toThrow(broken('one-bill'));
  });

  it('is asked for once, however often it is heard of', () => {
    for (const past of [[placed], [placed, reserved], [placed, reserved, captured]])
      expect(given(...past).when(placed)).toEqual([]);
    for (const past of [[reserved], [placed, reserved], [placed, reserved, declined]])
      expect(given(...past).when(reserved)).toEqual([]);
  });

  it('is never asked for once the order is cancelled', () => {
    expect(given(cancelled).when(placed)).toEqual([]);
    expect(given(cancelled, placed).when(reserved)).toEqual([]);
  });

  it('leaves no token behind', () => {
    expect(JSON.stringify(given(placed, reserved).state)).not.toContain('tok_visa');
  });
});

describe('the answer to a charge', () => {
  it('captures', () => {
    expect(given(placed, reserved).when(captured)).toEqual([paymentCaptured]);
  });

  it('declines', () => {
    expect(given(placed, reserved).when(declined)).toEqual([
      { type: 'PaymentDeclined', data: { code: 'card_declined', ...money } },
    ]);
  });

  it('is refused where nothing was asked', () => {
    expect(() => given(placed).when(captured)).toThrow(broken('unexpected-answer'));
    expect(() => given(placed).when(declined)).toThrow(broken('unexpected-answer'));
    expect(() => given(cancelled).when(captured)).toThrow(broken('unexpected-answer'));
  });

  it('is refused where it says another thing than before', () => {
    expect(() => given(placed, reserved, captured).when(declined)).toThrow(broken('unexpected-answer'));
    expect(() => given(placed, reserved, declined).when(captured)).toThrow(broken('unexpected-answer'));
    expect(() => given(placed, reserved, captured).when({ ...captured, chargeId: 'ch_2' })).toThrow(
      broken('one-capture'),
    );
  });

  it('stays quiet when it is heard again', () => {
    expect(given(placed, reserved, captured).when(captured)).toEqual([]);
    expect(given(placed, reserved, captured, cancelled).when(captured)).toEqual([]);
    expect(given(placed, reserved, declined).when(declined)).toEqual([]);
  });
});

describe('a cancellation', () => {
  it('voids what was not charged', () => {
    const voided = { type: 'PaymentVoided', data: {} };
    expect(given().when(cancelled)).toEqual([voided]);
    expect(given(placed).when(cancelled)).toEqual([voided]);
    expect(given(reserved).when(cancelled)).toEqual([voided]);
  });

  it('refunds what was captured', () => {
    expect(given(placed, reserved, captured).when(cancelled)).toEqual([refundRequested]);
  });

  it('is remembered while the answer is out, and a late success is refunded', () => {
    expect(given(placed, reserved).when(cancelled)).toEqual([{ type: 'CancellationNoted' }]);
    expect(given(placed, reserved, cancelled).when(captured)).toEqual([paymentCaptured, refundRequested]);
  });

  it('has nothing to undo when a late answer declines', () => {
    expect(given(placed, reserved, cancelled).when(declined)).toEqual([
      { type: 'PaymentDeclined', data: { code: 'card_declined', ...money } },
    ]);
  });

  it('stays quiet when it is heard again, or when there is nothing to undo', () => {
    expect(given(cancelled).when(cancelled)).toEqual([]);
    expect(given(placed, reserved, cancelled).when(cancelled)).toEqual([]);
    expect(given(placed, reserved, captured, cancelled).when(cancelled)).toEqual([]);
    expect(given(placed, reserved, captured, cancelled, refunded).when(cancelled)).toEqual([]);
    expect(given(placed, reserved, declined).when(cancelled)).toEqual([]);
  });
});

describe('a refund', () => {
  it('happens once it is asked for', () => {
    expect(given(placed, reserved, captured, cancelled).when(refunded)).toEqual([
      { type: 'PaymentRefunded', data: { refundId: 're_1', ...money } },
    ]);
  });

  it('is refused where it was not asked for, or is another one', () => {
    expect(() => given(placed, reserved, captured).when(refunded)).toThrow(broken('unexpected-answer'));
    expect(() =>
      given(placed, reserved, captured, cancelled, refunded).when({ ...refunded, refundId: 're_2' }),
    ).toThrow(broken('unexpected-answer'));
  });

  it('stays quiet when it is heard again', () => {
    expect(given(placed, reserved, captured, cancelled, refunded).when(refunded)).toEqual([]);
  });

  it('is the second thing that is said', () => {
    expect(given(placed, reserved, captured).state).toMatchObject({ status: 'captured', sequence: 1 });
    expect(given(placed, reserved, captured, cancelled, refunded).state).toMatchObject({
      status: 'refunded',
      sequence: 2,
    });
  });
});
