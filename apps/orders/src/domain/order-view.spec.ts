import { describe, expect, it } from '@jest/globals';
import type { EventBody, Service } from '@orderflow/contracts';
import fc from 'fast-check';
import {
  catchUp,
  isSettled,
  type OrderView,
  unseenOrder,
  type Viewed,
  viewDecider,
  type ViewedType,
} from './order-view.js';

const subject = '0190a6c2-7e4f-7000-8000-000000000001';
const email = 'ada@example.com';
const money = { amountMinor: 900, currency: 'EUR' };

const said: { [Type in ViewedType]: EventBody<Type>['data'] } = {
  OrderPlaced: { customerId: 'c-1', email, currency: 'EUR', lines: [], totalMinor: 900, paymentToken: 'tok_visa' },
  OrderConfirmed: { email, totalMinor: 900, currency: 'EUR' },
  OrderCancelled: { email, reason: 'timed_out' },
  StockReserved: { lines: [] },
  StockRejected: { reason: 'out_of_stock', short: [] },
  StockCommitted: { lines: [] },
  StockReleased: { lines: [] },
  PaymentCaptured: { chargeId: 'ch_1', ...money },
  PaymentDeclined: { code: 'declined', ...money },
  PaymentVoided: {},
  PaymentRefunded: { refundId: 're_1', ...money },
  NotificationSent: { template: 'confirmed', messageId: 'm-1' },
  NotificationFailed: { template: 'confirmed', reason: 'mailbox is full' },
};

/** What one source says about the order, in its order. */
const stream = (source: Service, ...types: ViewedType[]): Viewed[] =>
  types.map(
    (type, index) =>
      ({
        type,
        data: said[type],
        source,
        subject,
        sequence: index + 1,
        time: `2026-11-01T12:00:0${index}.${source.length}00Z`,
      }) as Viewed,
  );

const mails = (count: number) => stream('notifications', ...Array<'NotificationSent'>(count).fill('NotificationSent'));

const stories = {
  confirmed: [
    stream('orders', 'OrderPlaced', 'OrderConfirmed'),
    stream('inventory', 'StockReserved', 'StockCommitted'),
    stream('payments', 'PaymentCaptured'),
    mails(1),
  ],
  'out of stock': [
    stream('orders', 'OrderPlaced', 'OrderCancelled'),
    stream('inventory', 'StockRejected'),
    stream('payments', 'PaymentVoided'),
    mails(1),
  ],
  declined: [
    stream('orders', 'OrderPlaced', 'OrderCancelled'),
    stream('inventory', 'StockReserved', 'StockReleased'),
    stream('payments', 'PaymentDeclined'),
    mails(1),
  ],
  'captured too late': [
    stream('orders', 'OrderPlaced', 'OrderCancelled'),
    stream('inventory', 'StockReserved', 'StockReleased'),
    stream('payments', 'PaymentCaptured', 'PaymentRefunded'),
    mails(2),
  ],
};

/** All streams in one, each in its own order, as the picks have it; what was said may be delivered again. */
function interleaved(streams: readonly Viewed[][], picks: readonly number[], again: boolean): Viewed[] {
  const rest = streams.map((events) => [...events]);
  const all: Viewed[] = [];
  for (const pick of picks) {
    const open = rest.filter((events) => events.length > 0);
    const next = open[pick % Math.max(open.length, 1)]?.shift();
    if (next) all.push(next);
    if (again) all.push(...all.slice(0, pick % 3));
  }
  return [...all, ...rest.flat()];
}

describe.each(Object.entries(stories))('the view of an order that is %s', (_name, streams) => {
  const inOrder = catchUp(unseenOrder, streams.flat());

  it('is settled when all is heard, and not before', () => {
    expect(isSettled(inOrder)).toBe(true);
    for (const left of streams) {
      const allButTheLast = streams.map((events) => (events === left ? events.slice(0, -1) : events));
      expect(isSettled(catchUp(unseenOrder, allButTheLast.flat()))).toBe(false);
    }
  });

  it('is the same however the sources overtake each other, and whatever is delivered twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11), { minLength: 8, maxLength: 8 }), fc.boolean(), (picks, again) => {
        expect(catchUp(unseenOrder, interleaved(streams, picks, again))).toEqual(inOrder);
      }),
    );
  });
});

describe('the view', () => {
  const after = (...streams: Viewed[][]): OrderView => catchUp(unseenOrder, streams.flat());

  it('drops what its source has said before', () => {
    const [placed] = stream('orders', 'OrderPlaced');
    expect(viewDecider.decide(placed!, unseenOrder)).toEqual([placed]);
    expect(viewDecider.decide(placed!, after([placed!]))).toEqual([]);
  });

  it('keeps what overtakes OrderPlaced, and does not know whose order it is until then', () => {
    const early = after(stream('inventory', 'StockReserved'));
    expect(early).toMatchObject({ stock: 'reserved', heard: { orders: 0, inventory: 1 } });
    expect(early.customerId).toBeUndefined();
    expect(catchUp(early, stream('orders', 'OrderPlaced'))).toMatchObject({ status: 'placed', customerId: 'c-1' });
  });

  it('shows no stock for an order that was cancelled before inventory heard of it', () => {
    const [rejected] = stream('inventory', 'StockRejected');
    const view = after([{ ...rejected, data: { reason: 'order_cancelled', short: [] } } as Viewed]);
    expect(view.stock).toBe('none');
  });

  it('counts a mail that was given up as heard', () => {
    expect(after(stream('notifications', 'NotificationFailed')).heard.notifications).toBe(1);
  });
});
