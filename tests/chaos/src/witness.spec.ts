import { describe, expect, it } from '@jest/globals';
import type { Books, OrderRow } from './books.ts';
import type { Placement } from './customers.ts';
import type { Said } from './log.ts';
import { askCustomers, askLog, overtakings, type Problem } from './witness.ts';

const row = (orderId: string, more: Partial<OrderRow> = {}): OrderRow => ({
  orderId,
  customerId: 'ours',
  status: 'confirmed',
  cancelReason: null,
  settled: true,
  stock: 'committed',
  payment: 'captured',
  updatedAt: new Date(0),
  ...more,
});

const placement = (orderIds: string[], more: Partial<Placement> = {}): Placement => ({
  key: 'key',
  order: { customerId: 'ours', email: 'a@example.com', lines: [], paymentToken: 'tok_visa' },
  sentAt: 0,
  orderIds: new Set(orderIds),
  cancelled: false,
  ...more,
});

const books = (more: Partial<Books> = {}): Books => ({
  orders: [],
  recorded: [],
  said: new Map(),
  inbox: [],
  mailCopies: 0,
  ...more,
});

const event = (id: string, sequence: number, offset: number, more: Partial<Said> = {}): Said => ({
  id,
  type: 'OrderPlaced',
  source: 'orders',
  subject: 'order',
  sequence,
  offset: BigInt(offset),
  appendedAt: new Date(offset),
  ...more,
});

const harms = (problems: readonly Problem[]): string[] => problems.map(({ harm }) => harm);

describe('what customers know', () => {
  const asked = (placements: Placement[], orders: OrderRow[]) =>
    harms(askCustomers(placements, books({ orders }), 'ours'));

  it('is content with an order for each key, settled', () => {
    expect(asked([placement(['a']), placement(['b'])], [row('a'), row('b')])).toEqual([]);
  });

  it('misses an order that was accepted', () => {
    expect(asked([placement(['a'])], [])).toEqual(['lost']);
  });

  it('finds two orders for one key, and one that nobody placed', () => {
    expect(asked([placement(['a', 'b'])], [row('a'), row('b')])).toEqual(['doubled']);
    expect(asked([], [row('a')])).toEqual(['doubled']);
    expect(asked([], [row('a', { customerId: 'somebody else' })])).toEqual([]);
  });

  it('finds what is not settled, and what nobody answers', () => {
    expect(asked([placement(['a'])], [row('a', { settled: false })])).toEqual(['stuck']);
    expect(asked([placement([])], [])).toEqual(['stuck']);
  });

  it('holds a cancellation that was accepted against how the order ended', () => {
    const taken = placement(['a'], { cancelled: true });
    expect(asked([taken], [row('a', { status: 'cancelled' })])).toEqual([]);
    expect(asked([taken], [row('a')])).toEqual(['wrong']);
  });
});

describe('the log', () => {
  const two = {
    said: new Map([['orders/order', 2]]),
    recorded: [
      { id: 'p', orderId: 'order' },
      { id: 'c', orderId: 'order' },
    ],
  };
  const asked = (said: Said[], more: Partial<Books> = two) => harms(askLog(said, books(more)));

  it('may hold copies behind the first', () => {
    expect(asked([event('p', 1, 0), event('c', 2, 1), event('p', 1, 2), event('c', 2, 3), event('p', 1, 4)])).toEqual(
      [],
    );
  });

  it('lacks an event that was committed', () => {
    expect(asked([event('p', 1, 0)])).toEqual(['lost', 'lost']);
    expect(asked([event('c', 2, 0)])).toEqual(['lost', 'lost', 'lost']);
  });

  it('has events in another order than they were said', () => {
    expect(asked([event('c', 2, 0), event('p', 1, 1)])).toEqual(['lost']);
  });

  it('has two events in one place', () => {
    const both = [event('p', 1, 0), event('c', 2, 1), event('x', 2, 2)];
    expect(asked(both)).toContain('doubled');
  });
});

describe('overtaking', () => {
  const inbox = (consumer: string, eventId: string, ms: number) => ({ consumer, eventId, receivedAt: new Date(ms) });
  const log = [event('p', 1, 0), event('s', 1, 1, { source: 'inventory', type: 'StockReserved' })];

  it('is counted where a consumer took on the later one first', () => {
    const late = [inbox('payments', 's', 10), inbox('payments', 'p', 20), inbox('inventory', 'p', 5)];
    expect(overtakings(log, books({ inbox: late }))).toBe(1);
  });

  it('is none where they came in order, or together', () => {
    const inTime = [inbox('payments', 'p', 10), inbox('payments', 's', 10), inbox('inventory', 'p', 50)];
    expect(overtakings(log, books({ inbox: inTime }))).toBe(0);
  });
});
