import { describe, expect, it } from '@jest/globals';
import { given } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { newPayment, type Payment, type PaymentCommand, type PaymentEvent } from './payment.js';

const orderId = randomUUID();
const money = { amountMinor: 1900, currency: 'EUR' };
const bill = { ...money, token: 'tok_visa' };

const placed: PaymentCommand = { type: 'NotePlaced', orderId, bill };
const reserved: PaymentCommand = { type: 'NoteReserved', orderId };
const cancelled: PaymentCommand = { type: 'CancelPayment', orderId };
const captured: PaymentCommand = { type: 'RecordCapture', orderId, chargeId: 'ch_1' };
const declined: PaymentCommand = { type: 'RecordDecline', orderId, code: 'card_declined' };
const refunded: PaymentCommand = { type: 'RecordRefund', orderId, refundId: 're_1' };

const orderNoted: PaymentEvent = { type: 'OrderNoted', data: bill };
const reservationNoted: PaymentEvent = { type: 'ReservationNoted' };
const chargeRequested: PaymentEvent = { type: 'ChargeRequested', data: bill };
const cancellationNoted: PaymentEvent = { type: 'CancellationNoted' };
const paymentCaptured: PaymentEvent = { type: 'PaymentCaptured', data: { chargeId: 'ch_1', ...money } };
const paymentDeclined: PaymentEvent = { type: 'PaymentDeclined', data: { code: 'card_declined', ...money } };
const paymentVoided: PaymentEvent = { type: 'PaymentVoided', data: {} };
const refundRequested: PaymentEvent = { type: 'RefundRequested', data: { chargeId: 'ch_1', ...money } };
const paymentRefunded: PaymentEvent = { type: 'PaymentRefunded', data: { refundId: 're_1', ...money } };

const past = given({ decide, evolve }, newPayment(orderId));
const isCharging = past(orderNoted, chargeRequested);
const isCaptured = past(orderNoted, chargeRequested, paymentCaptured);
const isDeclined = past(orderNoted, chargeRequested, paymentDeclined);
const isVoided = past(paymentVoided);
const isCancelling = past(orderNoted, chargeRequested, cancellationNoted);
const isRefunding = past(orderNoted, chargeRequested, paymentCaptured, refundRequested);
const isRefunded = past(orderNoted, chargeRequested, paymentCaptured, refundRequested, paymentRefunded);

const paymentAfter = (...events: PaymentEvent[]): Payment => events.reduce(evolve, newPayment(orderId));

describe('a charge', () => {
  it('is asked for when the stock is reserved for an order that is placed', () => {
    past(orderNoted).when(reserved).then(chargeRequested);
  });

  it('is asked for when the order comes after its reservation', () => {
    past(reservationNoted).when(placed).then(chargeRequested);
  });

  it('is not asked for while one of the two is missing', () => {
    past().when(placed).then(orderNoted);
    past().when(reserved).then(reservationNoted);
  });

  it('is refused for another amount than the first', () => {
    const dearer: PaymentCommand = { ...placed, bill: { ...bill, amountMinor: 2000 } };
    past(orderNoted).when(dearer).thenRefused('one-bill');
    isCharging.when(dearer).thenRefused('one-bill');
  });

  it('is asked for once, however often it is heard of', () => {
    for (const each of [past(orderNoted), isCharging, isCaptured]) each.when(placed).thenNothing();
    for (const each of [past(reservationNoted), isCharging, isDeclined]) each.when(reserved).thenNothing();
  });

  it('is never asked for once the order is cancelled', () => {
    isVoided.when(placed).thenNothing();
    isVoided.when(reserved).thenNothing();
  });

  it('leaves no token behind', () => {
    expect(JSON.stringify(paymentAfter(orderNoted, chargeRequested))).not.toContain('tok_visa');
  });
});

describe('the answer to a charge', () => {
  it('captures', () => {
    isCharging.when(captured).then(paymentCaptured);
  });

  it('declines', () => {
    isCharging.when(declined).then(paymentDeclined);
  });

  it('is refused where nothing was asked', () => {
    past(orderNoted).when(captured).thenRefused('unexpected-answer');
    past(orderNoted).when(declined).thenRefused('unexpected-answer');
    isVoided.when(captured).thenRefused('unexpected-answer');
  });

  it('is refused where it says another thing than before', () => {
    isCaptured.when(declined).thenRefused('unexpected-answer');
    isDeclined.when(captured).thenRefused('unexpected-answer');
    isCaptured.when({ ...captured, chargeId: 'ch_2' }).thenRefused('one-capture');
  });

  it('stays quiet when it is heard again', () => {
    isCaptured.when(captured).thenNothing();
    isRefunding.when(captured).thenNothing();
    isDeclined.when(declined).thenNothing();
  });
});

describe('a cancellation', () => {
  it('voids what was not charged', () => {
    past().when(cancelled).then(paymentVoided);
    past(orderNoted).when(cancelled).then(paymentVoided);
    past(reservationNoted).when(cancelled).then(paymentVoided);
  });

  it('refunds what was captured', () => {
    isCaptured.when(cancelled).then(refundRequested);
  });

  it('is remembered while the answer is out, and a late success is refunded', () => {
    isCharging.when(cancelled).then(cancellationNoted);
    isCancelling.when(captured).then(paymentCaptured, refundRequested);
  });

  it('has nothing to undo when a late answer declines', () => {
    isCancelling.when(declined).then(paymentDeclined);
  });

  it('stays quiet when it is heard again, or when there is nothing to undo', () => {
    isVoided.when(cancelled).thenNothing();
    isCancelling.when(cancelled).thenNothing();
    isRefunding.when(cancelled).thenNothing();
    isRefunded.when(cancelled).thenNothing();
    isDeclined.when(cancelled).thenNothing();
  });
});

describe('a refund', () => {
  it('happens once it is asked for', () => {
    isRefunding.when(refunded).then(paymentRefunded);
  });

  it('is refused where it was not asked for, or is another one', () => {
    isCaptured.when(refunded).thenRefused('unexpected-answer');
    isRefunded.when({ ...refunded, refundId: 're_2' }).thenRefused('unexpected-answer');
  });

  it('stays quiet when it is heard again', () => {
    isRefunded.when(refunded).thenNothing();
  });

  it('is the second thing that is said', () => {
    const once = paymentAfter(orderNoted, chargeRequested, paymentCaptured);
    expect(once).toMatchObject({ status: 'captured', sequence: 1 });
    expect([refundRequested, paymentRefunded].reduce(evolve, once)).toMatchObject({ status: 'refunded', sequence: 2 });
  });
});
