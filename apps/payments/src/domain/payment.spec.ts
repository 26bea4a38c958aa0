import { describe, expect, it } from '@jest/globals';
import { given } from '@orderflow/testing';
import { randomUUID } from 'node:crypto';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { FREE, newPayment, type Payment, type PaymentCommand, type PaymentEvent } from './payment.js';

const orderId = randomUUID();
const money = { amountMinor: 1900, currency: 'EUR' };
const bill = { ...money, token: 'tok_visa' };

const placed: PaymentCommand = { type: 'NotePlaced', orderId, bill };
const reserved: PaymentCommand = { type: 'NoteReserved', orderId };
const cancelled: PaymentCommand = { type: 'CancelPayment', orderId, cancelledBy: 'event-1' };
const captured: PaymentCommand = { type: 'RecordCapture', orderId, chargeId: 'ch_1' };
const declined: PaymentCommand = { type: 'RecordDecline', orderId, code: 'card_declined' };
const refund = { refundId: 're_1', isElsewhere: false };
const refunded: PaymentCommand = { type: 'RecordRefund', orderId, refund };
const voided: PaymentCommand = { type: 'VoidPayment', orderId };

const freeBill = { ...bill, amountMinor: 0 };
const capturedForNothing: PaymentEvent = {
  type: 'PaymentCaptured',
  data: { chargeId: FREE, amountMinor: 0, currency: 'EUR' },
};
const orderNoted: PaymentEvent = { type: 'OrderNoted', data: bill };
const reservationNoted: PaymentEvent = { type: 'ReservationNoted' };
const chargeRequested: PaymentEvent = { type: 'ChargeRequested', data: bill };
const cancellationNoted: PaymentEvent = { type: 'CancellationNoted', cancelledBy: 'event-1' };
const paymentCaptured: PaymentEvent = { type: 'PaymentCaptured', data: { chargeId: 'ch_1', ...money } };
const paymentDeclined: PaymentEvent = { type: 'PaymentDeclined', data: { code: 'card_declined', ...money } };
const paymentVoided: PaymentEvent = { type: 'PaymentVoided', data: {} };
const refundRequested: PaymentEvent = {
  type: 'RefundRequested',
  data: { chargeId: 'ch_1', ...money },
  cancelledBy: 'event-1',
};
const paymentRefunded: PaymentEvent = {
  type: 'PaymentRefunded',
  data: { refundId: 're_1', elsewhere: false, ...money },
};

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
  it('is requested when the stock of a placed order is reserved', () => {
    past(orderNoted).when(reserved).then(chargeRequested);
  });

  it('is requested when the order arrives after its reservation', () => {
    past(reservationNoted).when(placed).then(chargeRequested);
  });

  it('is not requested while one of the two is missing', () => {
    past().when(placed).then(orderNoted);
    past().when(reserved).then(reservationNoted);
  });

  // proves: payments: an order that costs nothing is captured without the provider
  it('is not requested for an order that costs nothing: it counts as captured', () => {
    past({ type: 'OrderNoted', data: freeBill }).when(reserved).then(capturedForNothing);
    past(reservationNoted)
      .when({ ...placed, bill: freeBill })
      .then(capturedForNothing);
  });

  it('that was none is voided by a cancellation, not refunded, and only once', () => {
    const isFree = past({ type: 'OrderNoted', data: freeBill }, capturedForNothing);
    isFree.when(cancelled).then(paymentVoided);
    isFree.when(reserved).thenNothing();
    past(capturedForNothing, paymentVoided).when(cancelled).thenNothing();
    expect(paymentAfter(capturedForNothing, paymentVoided)).toMatchObject({ status: 'voided', sequence: 2 });
  });

  it('is refused for an amount that differs from the first', () => {
    const dearer: PaymentCommand = { ...placed, bill: { ...bill, amountMinor: 2000 } };
    past(orderNoted).when(dearer).thenRefused('one-bill');
    isCharging.when(dearer).thenRefused('one-bill');
  });

  it('is requested once, however often its events arrive', () => {
    for (const each of [past(orderNoted), isCharging, isCaptured]) each.when(placed).thenNothing();
    for (const each of [past(reservationNoted), isCharging, isDeclined]) each.when(reserved).thenNothing();
  });

  it('is never requested after the order was cancelled', () => {
    isVoided.when(placed).thenNothing();
    isVoided.when(reserved).thenNothing();
  });

  it('clears the payment token', () => {
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

  it('is refused where no charge was requested', () => {
    past(orderNoted).when(captured).thenRefused('unexpected-answer');
    past(orderNoted).when(declined).thenRefused('unexpected-answer');
    isVoided.when(captured).thenRefused('unexpected-answer');
  });

  it('is refused where it contradicts an earlier answer', () => {
    isCaptured.when(declined).thenRefused('unexpected-answer');
    isDeclined.when(captured).thenRefused('unexpected-answer');
    isCaptured.when({ ...captured, chargeId: 'ch_2' }).thenRefused('one-capture');
  });

  it('changes nothing when it arrives again', () => {
    isCaptured.when(captured).thenNothing();
    isRefunding.when(captured).thenNothing();
    isDeclined.when(declined).thenNothing();
  });
});

describe('a cancellation', () => {
  it('voids a payment that was not charged', () => {
    past().when(cancelled).then(paymentVoided);
    past(orderNoted).when(cancelled).then(paymentVoided);
    past(reservationNoted).when(cancelled).then(paymentVoided);
  });

  it('refunds a captured payment', () => {
    isCaptured.when(cancelled).then(refundRequested);
  });

  it('is noted while the answer is outstanding, and a late capture is refunded', () => {
    isCharging.when(cancelled).then(cancellationNoted);
    isCancelling.when(captured).then(paymentCaptured, refundRequested);
  });

  it('keeps the first of two cancellations as the reason for the refund', () => {
    isCancelling.when({ ...cancelled, cancelledBy: 'event-2' }).thenNothing();
    isRefunding.when({ ...cancelled, cancelledBy: 'event-2' }).thenNothing();
  });

  it('needs no refund when the late answer is a decline', () => {
    isCancelling.when(declined).then(paymentDeclined);
  });

  it('changes nothing when it arrives again, or when nothing was captured', () => {
    isVoided.when(cancelled).thenNothing();
    isCancelling.when(cancelled).thenNothing();
    isRefunding.when(cancelled).thenNothing();
    isRefunded.when(cancelled).thenNothing();
    isDeclined.when(cancelled).thenNothing();
  });
});

describe('a refund', () => {
  it('is recorded when it was requested', () => {
    isRefunding.when(refunded).then(paymentRefunded);
  });

  it('is refused where none was requested, or where its id differs', () => {
    isCaptured.when(refunded).thenRefused('unexpected-answer');
    isRefunded.when({ ...refunded, refund: { ...refund, refundId: 're_2' } }).thenRefused('unexpected-answer');
  });

  it('says so where it was made elsewhere', () => {
    const elsewhere: PaymentCommand = { ...refunded, refund: { refundId: '', isElsewhere: true } };
    const data = { refundId: '', elsewhere: true, ...money };
    isRefunding.when(elsewhere).then({ type: 'PaymentRefunded', data });
    isCaptured.when(elsewhere).thenRefused('unexpected-answer');
  });

  it('changes nothing when it arrives again', () => {
    isRefunded.when(refunded).thenNothing();
  });

  it('is the second event that is published', () => {
    const once = paymentAfter(orderNoted, chargeRequested, paymentCaptured);
    expect(once).toMatchObject({ status: 'captured', sequence: 1 });
    expect([refundRequested, paymentRefunded].reduce(evolve, once)).toMatchObject({ status: 'refunded', sequence: 2 });
  });
});

describe('a payment that an operator voids', () => {
  it('is voided once its order is cancelled', () => {
    isCancelling.when(voided).then(paymentVoided);
    isRefunding.when(voided).then(paymentVoided);
  });

  it('is declined before that, which cancels the order', () => {
    isCharging.when(voided).then({ type: 'PaymentDeclined', data: { code: 'voided_by_operator', ...money } });
  });

  it('is refused where the provider owes no answer', () => {
    for (const state of [past(), isCaptured, isDeclined, isRefunded, isVoided])
      state.when(voided).thenRefused('not-voidable');
  });

  it('keeps its amount, also where a backup does not know the cancellation', () => {
    const events = [orderNoted, chargeRequested, cancellationNoted, paymentVoided];
    expect(paymentAfter(...events)).toMatchObject({ status: 'voided', money, sequence: 1 });
    const restored = [orderNoted, chargeRequested, paymentVoided];
    expect(paymentAfter(...restored)).toMatchObject({ status: 'voided', money, sequence: 1 });
  });
});
