import { describe, expect, it } from '@jest/globals';
import type { EventType, Service } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import fc from 'fast-check';
import { cutAt, cutByHeard, foldOf, readHeard, writeHeard } from './cut.js';
import { changesBetween } from './difference.js';
import { type Edge, edgesOf, originsOf, type StoryEvent } from './edges.js';
import { unseenOrder } from './order-view.js';
import { owedTo } from './owed.js';
import { sentenceOf } from './sentence.js';
import { wordsFor } from './words.js';

/** `[type, cause, data?]`: the cause is a type of this story, or a request. */
type Line = readonly [type: StoryEvent['type'], cause: string, data?: object];

/** The events of one order; the id of an event is its type, and its number where it comes again. */
function story(...lines: Line[]): StoryEvent[] {
  const said = new Map<Service, number>();
  const seen = new Map<string, number>();
  return lines.map(([type, causationId, data], index) => {
    const times = (seen.get(type) ?? 0) + 1;
    seen.set(type, times);
    const event = anEvent(type, {
      id: times === 1 ? type : `${type} ${times}`,
      subject: '0190a6c2-7e4f-7000-8000-000000000001',
      causationId,
      time: new Date(Date.UTC(2026, 10, 1) + index).toISOString(),
    });
    const sequence = (said.get(event.source) ?? 0) + 1;
    said.set(event.source, sequence);
    return { ...event, sequence, ...(data && { data }) } as StoryEvent;
  });
}

const confirmed = story(
  ['OrderPlaced', 'a request'],
  ['StockReserved', 'OrderPlaced'],
  ['PaymentCaptured', 'StockReserved'],
  ['OrderConfirmed', 'PaymentCaptured'],
  ['StockCommitted', 'OrderConfirmed'],
  ['NotificationSent', 'OrderConfirmed'],
);

/** `tok_timeout`: the payment is captured after the deadline has cancelled the order. */
const tooLate = story(
  ['OrderPlaced', 'a request'],
  ['StockReserved', 'OrderPlaced'],
  ['OrderCancelled', 'a request', { email: 'ada@example.com', reason: 'timed_out' }],
  ['StockReleased', 'OrderCancelled'],
  ['NotificationSent', 'OrderCancelled'],
  ['PaymentCaptured', 'StockReserved'],
  ['PaymentRefunded', 'StockReserved'],
  ['NotificationSent', 'PaymentRefunded'],
);

const ofKind = (edges: readonly Edge[], kind: Edge['kind']) =>
  edges.flatMap((edge) => (edge.kind === kind ? [`${edge.from} > ${edge.to}`] : [])).toSorted();

describe('the edges of an order that is confirmed', () => {
  it('are the recorded causes, and the event that the charge needs as well by the saga table', () => {
    const edges = edgesOf(confirmed);
    expect(ofKind(edges, 'caused')).toEqual([
      'OrderConfirmed > NotificationSent',
      'OrderConfirmed > StockCommitted',
      'OrderPlaced > StockReserved',
      'PaymentCaptured > OrderConfirmed',
      'StockReserved > PaymentCaptured',
    ]);
    expect(ofKind(edges, 'needs')).toEqual(['OrderPlaced > PaymentCaptured']);
    expect(ofKind(edges, 'undoes')).toEqual([]);
  });

  it('name the other event as needed when OrderPlaced was the last to arrive at payments', () => {
    const edges = edgesOf(
      story(['OrderPlaced', 'a request'], ['StockReserved', 'OrderPlaced'], ['PaymentCaptured', 'OrderPlaced']),
    );
    expect(ofKind(edges, 'needs')).toEqual(['StockReserved > PaymentCaptured']);
  });
});

describe('the edges of an order that is paid after its deadline', () => {
  const edges = edgesOf(tooLate);

  it('lead from the cancellation to the refund, which names another event as its cause', () => {
    expect(ofKind(edges, 'caused')).toContain('StockReserved > PaymentRefunded');
    expect(ofKind(edges, 'needs')).toContain('OrderCancelled > PaymentRefunded');
  });

  it('tell what takes back what', () => {
    expect(ofKind(edges, 'undoes')).toEqual(['PaymentRefunded > PaymentCaptured', 'StockReleased > StockReserved']);
  });

  it('begin at the request and at the deadline, although both events have the same causationId', () => {
    expect(originsOf(tooLate)).toEqual([
      { event: 'OrderPlaced', by: 'POST /orders' },
      { event: 'OrderCancelled', by: 'the deadline' },
    ]);
  });
});

describe('the origins of an order', () => {
  const cancelledFor = (reason: string) =>
    originsOf(story(['OrderCancelled', 'elsewhere', { email: 'ada@example.com', reason }]));

  it('are the request of a customer who cancels it', () => {
    expect(cancelledFor('customer_request')).toEqual([{ event: 'OrderCancelled', by: 'POST /orders/{id}/cancel' }]);
  });

  it('are events that were not read yet, until they are', () => {
    expect(cancelledFor('out_of_stock')).toEqual([{ event: 'OrderCancelled', by: 'unseen' }]);
    const early = confirmed.filter(({ type }) => type !== 'StockReserved');
    expect(originsOf(early)).toContainEqual({ event: 'PaymentCaptured', by: 'unseen' });
    expect(originsOf(confirmed)).toEqual([{ event: 'OrderPlaced', by: 'POST /orders' }]);
  });
});

describe.each(Object.entries({ confirmed, tooLate }))('the story of an order: %s', (_name, events) => {
  it('has the same edges and origins, in whichever order its events are read', () => {
    const key = (found: object) => JSON.stringify(found);
    const sorted = (found: readonly object[]) => found.map(key).toSorted();
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
        expect(sorted(edgesOf(shuffled))).toEqual(sorted(edgesOf(events)));
        expect(sorted(originsOf(shuffled))).toEqual(sorted(originsOf(events)));
      }),
    );
  });

  it('owes nothing once it is over', () => {
    expect(owedTo(events)).toEqual([]);
  });
});

describe('the answers that are owed to an order', () => {
  const owedAfter = (events: readonly StoryEvent[], last: EventType) =>
    owedTo(events.slice(0, events.findIndex(({ type }) => type === last) + 1));

  it('are those of the saga table, with the events that they follow from, the oldest first', () => {
    expect(owedAfter(confirmed, 'OrderPlaced')).toEqual([
      { service: 'inventory', oneOf: ['StockReserved', 'StockRejected'], because: ['OrderPlaced'] },
    ]);
    expect(owedAfter(confirmed, 'StockReserved')).toEqual([
      { service: 'payments', oneOf: ['PaymentCaptured', 'PaymentDeclined'], because: ['OrderPlaced', 'StockReserved'] },
    ]);
  });

  it('wait for inventory first when it is slower than payments', () => {
    const events = story(
      ['OrderPlaced', 'a request'],
      ['OrderCancelled', 'another request', { email: 'ada@example.com', reason: 'customer_request' }],
    );
    expect(owedTo(events).map(({ service }) => service)).toEqual(['inventory', 'payments', 'notifications']);
  });
});

describe('the sentence about an order', () => {
  const after = (events: readonly StoryEvent[], count: number) => {
    const told = events.slice(0, count);
    return sentenceOf(foldOf(told), owedTo(told));
  };

  it('names the service that the order waits for', () => {
    expect(after(confirmed, 0)).toBe('Its OrderPlaced was not read yet. Waits for orders (OrderPlaced).');
    expect(after(confirmed, 1)).toBe('Placed. Waits for inventory (StockReserved or StockRejected).');
    expect(after(confirmed, 2)).toBe(
      'Placed. The stock is reserved. Waits for payments (PaymentCaptured or PaymentDeclined).',
    );
    expect(after(confirmed, 3)).toBe('Placed. Paid. Waits for orders (OrderConfirmed).');
    expect(after(confirmed, 4)).toBe(
      'Confirmed. Paid, the stock is reserved. Waits for inventory (StockCommitted) and notifications (NotificationSent or NotificationFailed).',
    );
    expect(after(confirmed, 6)).toBe('Confirmed. Paid, the stock has left, the customer was told.');
  });

  it.each(['out_of_stock', 'payment_declined', 'customer_request', 'timed_out', 'unknown'] as const)(
    'gives the reason of a cancellation in the words of its event: %s',
    (reason) => {
      const [placed, cancelled] = story(
        ['OrderPlaced', 'a request'],
        ['OrderCancelled', 'another request', { email: 'ada@example.com', reason }],
      ) as [StoryEvent, StoryEvent];
      const [, why] = /^Cancelled because (.+?)\./.exec(sentenceOf(foldOf([placed, cancelled]), []))!;
      expect(wordsFor(cancelled)).toBe(`the order is cancelled: ${why}`);
    },
  );

  it('never says that the money is back before it is', () => {
    expect(after(tooLate, 6)).toMatch(
      /^Cancelled because its deadline passed\. Stock is back, the money is not back yet\. Waits for payments/,
    );
    expect(after(tooLate, 8)).toBe(
      'Cancelled because its deadline passed. Stock is back, the money was refunded, the customer was told.',
    );
  });
});

describe('a cut through an order', () => {
  it('at an instant contains the events that were appended up to then', () => {
    const at = (ms: number) => new Date(Date.UTC(2026, 10, 1) + ms);
    const appended = confirmed.map((event, index) => ({ ...event, appendedAt: at(10 * index) }));
    expect(cutAt(appended, at(10)).map(({ type }) => type)).toEqual(['OrderPlaced', 'StockReserved']);
    expect(cutAt(appended, at(9)).map(({ type }) => type)).toEqual(['OrderPlaced']);
    expect(cutAt(appended, at(-1))).toEqual([]);
  });

  it('at the version vector of a view gives that view again, in any order of the sources', () => {
    fc.assert(
      fc.property(fc.nat(tooLate.length), fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (count, order) => {
        const sources = ['orders', 'inventory', 'payments', 'notifications'];
        const bySource = order.flatMap((index) => tooLate.filter(({ source }) => source === sources[index]));
        const view = foldOf(tooLate.slice(0, count));
        expect(foldOf(cutByHeard(bySource, view.sequences))).toEqual(view);
      }),
    );
  });

  it('is written as text and read again', () => {
    const { sequences } = foldOf(tooLate);
    expect(writeHeard(sequences)).toBe('orders:2,inventory:2,payments:2,notifications:2');
    expect(readHeard(writeHeard(sequences))).toEqual(sequences);
    expect(readHeard('payments:1')).toEqual({ payments: 1 });
  });

  it.each(['', 'orders', 'orders:', 'orders:-1', 'shipping:1', 'orders:1,orders:2', 'orders:1;inventory:1'])(
    'is not read from %j',
    (text) => {
      expect(readHeard(text)).toBeUndefined();
    },
  );
});

describe('the difference of two views of an order', () => {
  it('names each changed field with both values', () => {
    expect(changesBetween(foldOf(confirmed.slice(0, 2)), foldOf(confirmed))).toEqual([
      { field: 'status', from: 'placed', to: 'confirmed' },
      { field: 'stock', from: 'reserved', to: 'committed' },
      { field: 'payment', from: 'pending', to: 'captured' },
      { field: 'mails', from: 0, to: 1 },
      { field: 'settled', from: false, to: true },
    ]);
  });

  it('is empty where nothing changed', () => {
    expect(changesBetween(unseenOrder, unseenOrder)).toEqual([]);
  });
});
