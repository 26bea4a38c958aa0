import { describe, expect, it } from '@jest/globals';
import { outstanding, type Service } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import fc from 'fast-check';
import {
  catchUp,
  gaplessViewDecider,
  isSettled,
  type OrderView,
  unseenOrder,
  type Viewed,
  viewDecider,
  type ViewedType,
} from './order-view.js';

const subject = '0190a6c2-7e4f-7000-8000-000000000001';

/** The events of one source, with their sequence. */
const stream = (source: Service, ...types: ViewedType[]): Viewed[] =>
  types.map((type, index) => {
    const time = `2026-11-01T12:00:0${index}.${source.length}00Z`;
    return anEvent(type, { source, subject, sequence: index + 1, time });
  });

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
  voided: [
    stream('orders', 'OrderPlaced', 'OrderCancelled'),
    stream('inventory', 'StockReserved', 'StockReleased'),
    stream('payments', 'PaymentVoided'),
    mails(1),
  ],
  'captured too late': [
    stream('orders', 'OrderPlaced', 'OrderCancelled'),
    stream('inventory', 'StockReserved', 'StockReleased'),
    stream('payments', 'PaymentCaptured', 'PaymentRefunded'),
    mails(2),
  ],
};

/** Every state in which each source has published its first events, none to all of them. */
const prefixesOf = (streams: readonly Viewed[][]): Viewed[][] =>
  streams.reduce<Viewed[][]>(
    (all, stream) =>
      all.flatMap((events) => [...stream.keys(), stream.length].map((n) => [...events, ...stream.slice(0, n)])),
    [[]],
  );

/** All streams merged as the picks choose, each in its own order; events may be delivered again. */
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

  it('is settled after the last event, exactly when no answer is outstanding by the saga table', () => {
    expect(isSettled(inOrder)).toBe(true);
    for (const events of prefixesOf(streams)) {
      const isOver = events.length === streams.flat().length;
      expect(isSettled(catchUp(unseenOrder, events))).toBe(isOver);
      expect(outstanding(events.map(({ type }) => type)).length === 0).toBe(isOver);
    }
  });

  it('is the same in any interleaving of the sources, with duplicates', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11), { minLength: 8, maxLength: 8 }), fc.boolean(), (picks, again) => {
        expect(catchUp(unseenOrder, interleaved(streams, picks, again))).toEqual(inOrder);
      }),
    );
  });
});

describe('the view', () => {
  const after = (...streams: Viewed[][]): OrderView => catchUp(unseenOrder, streams.flat());

  it('drops an event that it contains', () => {
    const [placed] = stream('orders', 'OrderPlaced');
    expect(viewDecider.decide(placed!, unseenOrder)).toEqual([placed]);
    expect(viewDecider.decide(placed!, after([placed!]))).toEqual([]);
  });

  it('keeps an event that overtakes OrderPlaced, without a customer until then', () => {
    const early = after(stream('inventory', 'StockReserved'));
    expect(early).toMatchObject({ stock: 'reserved', sequences: { orders: 0, inventory: 1 } });
    expect(early.customerId).toBeUndefined();
    expect(catchUp(early, stream('orders', 'OrderPlaced'))).toMatchObject({
      status: 'placed',
      customerId: 'c-1',
    });
  });

  it('shows no stock for an order that was cancelled before inventory consumed OrderPlaced', () => {
    const [rejected] = stream('inventory', 'StockRejected');
    const view = after([{ ...rejected, data: { reason: 'order_cancelled', short: [] } } as Viewed]);
    expect(view.stock).toBe('none');
  });

  it('counts a failed mail as answered', () => {
    expect(after(stream('notifications', 'NotificationFailed')).sequences.notifications).toBe(1);
  });
});

describe('the decider of a view that is rebuilt', () => {
  const [placed, confirmed] = stream('orders', 'OrderPlaced', 'OrderConfirmed') as [Viewed, Viewed];
  const [reserved] = stream('inventory', 'StockReserved') as [Viewed];

  it('takes the events of a source in turn, whatever the other sources have told, and drops copies', () => {
    const view = [placed, reserved, confirmed].reduce((now, event) => {
      expect(gaplessViewDecider.decide(event, now)).toEqual([event]);
      return gaplessViewDecider.evolve(now, event);
    }, unseenOrder);
    expect(view).toEqual(catchUp(unseenOrder, [placed, confirmed, reserved]));
    expect(gaplessViewDecider.decide(placed, view)).toEqual([]);
  });

  it('refuses an event whose predecessor is missing', () => {
    expect(() => gaplessViewDecider.decide(confirmed, unseenOrder)).toThrow(
      'event 2 of orders follows one that is missing',
    );
  });
});
