import { describe, expect, it } from '@jest/globals';
import { type EventType, outstanding } from './index.js';

const missingAfter = (...published: EventType[]): string[] =>
  outstanding(published).map(({ at, publishes }) => `${at}: ${publishes.join(' or ')}`);

const reserved: EventType[] = ['OrderPlaced', 'StockReserved'];
const mail = 'NotificationSent or NotificationFailed';

describe('outstanding', () => {
  it('returns the next answer of the main path, step by step', () => {
    expect(missingAfter()).toEqual(['orders: OrderPlaced']);
    expect(missingAfter('OrderPlaced')).toEqual(['inventory: StockReserved or StockRejected']);
    expect(missingAfter(...reserved)).toEqual(['payments: PaymentCaptured or PaymentDeclined']);
    const captured: EventType[] = [...reserved, 'PaymentCaptured'];
    expect(missingAfter(...captured)).toEqual(['orders: OrderConfirmed']);
    const confirmed: EventType[] = [...captured, 'OrderConfirmed'];
    expect(missingAfter(...confirmed)).toEqual(['inventory: StockCommitted', `notifications: ${mail}`]);
    expect(missingAfter(...confirmed, 'StockCommitted', 'NotificationSent')).toEqual([]);
  });

  it('returns the answers of both services that compensate', () => {
    expect(missingAfter(...reserved, 'OrderCancelled', 'NotificationSent')).toEqual([
      'inventory: StockReleased',
      'payments: PaymentRefunded or PaymentVoided',
    ]);
    expect(missingAfter(...reserved, 'OrderCancelled', 'NotificationSent', 'StockReleased', 'PaymentVoided')).toEqual(
      [],
    );
  });

  it('returns the payment as long as the cancellation was not seen', () => {
    expect(missingAfter(...reserved, 'StockReleased', 'PaymentVoided')).toEqual([
      'payments: PaymentCaptured or PaymentDeclined',
    ]);
  });

  it('returns no release where nothing was reserved, and no refund where the payment was declined', () => {
    const cancelled: EventType[] = ['OrderCancelled', 'NotificationSent'];
    expect(missingAfter('OrderPlaced', 'StockRejected', ...cancelled, 'PaymentVoided')).toEqual([]);
    expect(missingAfter(...reserved, 'PaymentDeclined', ...cancelled, 'StockReleased')).toEqual([]);
  });

  it('returns the refund of a late capture, then a mail of its own', () => {
    const late: EventType[] = [...reserved, 'OrderCancelled', 'StockReleased', 'NotificationSent', 'PaymentCaptured'];
    expect(missingAfter(...late)).toEqual(['payments: PaymentRefunded or PaymentVoided']);
    expect(missingAfter(...late, 'PaymentRefunded')).toEqual([`notifications: ${mail}`]);
    expect(missingAfter(...late, 'PaymentRefunded', 'NotificationFailed')).toEqual([]);
  });
});
