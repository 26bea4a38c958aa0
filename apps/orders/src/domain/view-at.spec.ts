import { describe, expect, it } from '@jest/globals';
import type { Service } from '@orderflow/contracts';
import { foldOf, type Viewed, type ViewedType } from '@orderflow/order-view';
import { anEvent } from '@orderflow/testing';
import { viewAt } from './view-at.js';

const second = (n: number): Date => new Date(Date.UTC(2026, 10, 1, 12, 0, n));

const event = (source: Service, type: ViewedType, sequence: number, at: number): Viewed =>
  anEvent(type, { source, sequence, time: second(at).toISOString() });

const own = [event('orders', 'OrderPlaced', 1, 1), event('orders', 'OrderConfirmed', 2, 4)];
const heard = [
  event('inventory', 'StockReserved', 1, 2),
  event('payments', 'PaymentCaptured', 1, 3),
  event('inventory', 'StockCommitted', 2, 6),
];
const now = foldOf([...own, ...heard]);

describe('the view of an order at an instant', () => {
  it('has the own events up to then, the last of its own millisecond included', () => {
    expect(viewAt(own, now, second(1))).toMatchObject({ view: { status: 'placed', updatedAt: second(1) } });
    expect(viewAt(own, now, second(3))).toMatchObject({ view: { status: 'placed', sequences: { orders: 1 } } });
    expect(viewAt(own, now, second(4))).toMatchObject({ view: { status: 'confirmed', sequences: { orders: 2 } } });
  });

  it('is not there before the order was placed', () => {
    expect(viewAt(own, now, second(0))).toBeUndefined();
  });

  it('is complete from the newest event on that orders has consumed, and has nothing of other services before', () => {
    expect(viewAt(own, now, second(6))).toEqual({ view: now, complete: true });
    const before = viewAt(own, now, second(5));
    expect(before).toMatchObject({ complete: false, view: { stock: 'pending', payment: 'pending' } });
  });

  it('has no second event without the first, where the clocks of two instances differ', () => {
    const skewed = [event('orders', 'OrderPlaced', 1, 3), event('orders', 'OrderCancelled', 2, 2)];
    expect(viewAt(skewed, foldOf(skewed), second(2))).toBeUndefined();
    expect(viewAt(skewed, foldOf(skewed), second(3))).toMatchObject({ view: { status: 'cancelled' }, complete: true });
  });
});
