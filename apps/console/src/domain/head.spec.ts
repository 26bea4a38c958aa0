import { describe, expect, it } from '@jest/globals';
import { anEvent } from '@orderflow/testing';
import { type Head, headAfter, noHead, type OrderEvent, waitsFor } from './head.js';
import { maskedData } from './mask.js';
import { mailTerm, termsOf } from './terms.js';

const at = (second: number) => new Date(Date.UTC(2026, 10, 1, 12, 0, second));

/** The head after these events, one appended each second. */
const after = (...events: OrderEvent[]): Head =>
  events.reduce((head, event, index) => headAfter(head, event, at(index)), noHead);

const placed = anEvent('OrderPlaced') as OrderEvent;
const reserved = anEvent('StockReserved') as OrderEvent;
const cancelled = anEvent('OrderCancelled', { sequence: 2 }) as OrderEvent;

describe('the head of an order', () => {
  it('has the instants of the broker, not those of the publishers', () => {
    const head = after(placed, reserved, cancelled);
    expect(head).toMatchObject({ placedAt: at(0), decidedAt: at(2), updatedAt: at(2), lineCount: 2 });
    expect(head.told).toEqual(['OrderPlaced', 'StockReserved', 'OrderCancelled']);
    expect(head.settledAt).toBeUndefined();
  });

  it('has its events in the order in which they were appended, whichever the journal read first', () => {
    const [captured, confirmed, sent] = [
      anEvent('PaymentCaptured'),
      anEvent('OrderConfirmed', { sequence: 2 }),
      anEvent('NotificationSent'),
    ] as OrderEvent[];
    const head = headAfter(headAfter(after(placed, reserved, captured!), sent!, at(4)), confirmed!, at(3));
    expect(head.told).toEqual([
      'OrderPlaced',
      'StockReserved',
      'PaymentCaptured',
      'OrderConfirmed',
      'NotificationSent',
    ]);
    // A head that was stored without the times goes on in the order of the journal.
    const older = { ...after(placed, reserved), toldAt: [] };
    expect(headAfter(older, captured!, at(0)).told.at(-1)).toBe('PaymentCaptured');
  });

  it('has the money that payments captured and refunded, unless it was stored without it', () => {
    const [captured, refunded] = [
      anEvent('PaymentCaptured'),
      anEvent('PaymentRefunded', { sequence: 2 }),
    ] as OrderEvent[];
    expect(after(placed)).toMatchObject({ capturedMinor: 0, refundedMinor: 0 });
    const money = after(placed, captured!, refunded!, refunded!);
    expect(money.capturedMinor).toBe((captured!.data as { amountMinor: number }).amountMinor);
    expect(money.refundedMinor).toBe((refunded!.data as { amountMinor: number }).amountMinor);
    const { capturedMinor: _, refundedMinor: __, ...older } = after(placed);
    expect(headAfter(headAfter(older, captured!, at(1)), refunded!, at(2))).not.toHaveProperty('capturedMinor');
  });

  it('names the service that owes the oldest answer', () => {
    expect(waitsFor(after(placed))).toBe('inventory');
    expect(waitsFor(after(placed, reserved))).toBe('payments');
  });

  it('is the same object after an event that it contains: the relay sent it again', () => {
    const head = after(placed);
    expect(headAfter(head, placed, at(9))).toBe(head);
  });

  it('was settled by the event after which nothing was owed, and stays so', () => {
    const rest = [
      anEvent('StockReleased', { sequence: 2 }),
      anEvent('PaymentVoided'),
      anEvent('NotificationSent'),
      anEvent('NotificationSent', { sequence: 2 }),
    ] as OrderEvent[];
    expect(after(placed, reserved, cancelled, ...rest).settledAt).toEqual(at(5));
    expect(waitsFor(after(placed, reserved, cancelled, ...rest))).toBeUndefined();
  });

  it('was settled by the last of its events, also where the journal has read an earlier one after it', () => {
    const [captured, confirmed, committed, sent] = [
      anEvent('PaymentCaptured'),
      anEvent('OrderConfirmed', { sequence: 2 }),
      anEvent('StockCommitted', { sequence: 2 }),
      anEvent('NotificationSent'),
    ] as OrderEvent[];
    const unsettled = headAfter(headAfter(after(placed, reserved, captured!), committed!, at(4)), sent!, at(5));
    expect(headAfter(unsettled, confirmed!, at(3))).toMatchObject({ decidedAt: at(3), settledAt: at(5) });
  });
});

describe('the terms by which an order is found', () => {
  it('name each SKU once, and the e-mail address by its digest alone', () => {
    const terms = termsOf(placed, 'a'.repeat(32));
    expect(terms.map(({ kind }) => kind)).toEqual(['customer', 'mail', 'sku', 'trace']);
    expect(terms).toContainEqual({ kind: 'mail', term: mailTerm('Ada@Example.com') });
    expect(JSON.stringify(terms)).not.toContain('@');
  });

  it('are the charge and the refund, but no refund without an id', () => {
    expect(termsOf(anEvent('PaymentCaptured'), undefined)).toEqual([{ kind: 'charge', term: 'ch_1' }]);
    expect(termsOf(anEvent('PaymentRefunded'), undefined)).toEqual([{ kind: 'charge', term: 're_1' }]);
    const elsewhere = anEvent('PaymentRefunded', {
      data: { refundId: '', amountMinor: 1, currency: 'EUR', elsewhere: true },
    });
    expect(termsOf(elsewhere, undefined)).toEqual([]);
    expect(termsOf(reserved, 'a'.repeat(32))).toEqual([]);
  });
});

describe('the data of an event as it is shown', () => {
  it('has no payment token and no digest of it, and masks addresses at any depth', () => {
    expect(maskedData(placed)).toMatchObject({ customerId: 'c-1', email: 'a***@example.com' });
    expect(Object.keys(maskedData(placed))).not.toContain('paymentToken');
    expect(Object.keys(maskedData(placed))).not.toContain('paymentTokenDigest');
    const failed = anEvent('NotificationFailed', {
      data: { template: 'order-confirmed', reason: '550 <ada@example.com> is no mailbox' },
    });
    expect(maskedData(failed)).toMatchObject({ reason: '550 <a***@example.com> is no mailbox' });
  });
});
