import { describe, expect, it } from '@jest/globals';
import { idleQueueRules, type OrderFacts, orderRules, requestRules, streamRules } from '@orderflow/invariants';
import { Tally } from '../../../ops/src/audit/finding.ts';
import type { Placement } from './customers.ts';
import type { LoggedEvent } from './event-log.ts';
import { overtakings } from './facts.ts';
import { harmOf, problemsIn } from './outcome.ts';
import type { OrderRow, Recorded } from './recorded.ts';

const row = (orderId: string, more: Partial<OrderRow> = {}): OrderRow => ({
  orderId,
  customerId: 'ours',
  status: 'confirmed',
  totalMinor: 500,
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
  totalMinor: 500,
  cancelled: false,
  ...more,
});

const recorded = (more: Partial<Recorded> = {}): Recorded => ({
  orders: [],
  events: [],
  published: new Map(),
  inbox: [],
  queues: [],
  mailCopies: 0,
  ...more,
});

const event = (id: string, sequence: number, offset: number, more: Partial<LoggedEvent> = {}): LoggedEvent => ({
  id,
  type: 'OrderPlaced',
  source: 'orders',
  subject: 'order',
  sequence,
  offset: BigInt(offset),
  appendedAt: new Date(offset),
  ...more,
});

const nothing = { findings: [], parked: [] };

describe('problems of customers', () => {
  const harms = (placements: Placement[], orders: OrderRow[]) =>
    problemsIn(placements, 'ours', [], recorded({ orders }), nothing).map(({ harm }) => harm);

  it('are none with one order for each key, and ignore orders of other customers', () => {
    const others = row('c', { customerId: 'another' });
    expect(harms([placement(['a']), placement(['b'])], [row('a'), row('b'), others])).toEqual([]);
  });

  it('are lost, doubled and unanswered orders', () => {
    expect(harms([placement(['a'])], [])).toEqual(['lost']);
    expect(harms([placement(['a', 'b'])], [row('a'), row('b')])).toEqual(['doubled']);
    expect(harms([], [row('a')])).toEqual(['doubled']);
    expect(harms([placement([], { totalMinor: undefined })], [])).toEqual(['stuck']);
  });

  it('are broken promises', () => {
    const cancelled = placement(['a'], { cancelled: true });
    expect(harms([cancelled], [row('a', { status: 'cancelled' })])).toEqual([]);
    expect(harms([cancelled], [row('a')])).toEqual(['wrong']);
    expect(harms([placement(['a'])], [row('a', { totalMinor: 1_000 })])).toEqual(['wrong']);
  });
});

describe('problems of the log', () => {
  const events = ['p', 'c'].map((id) => ({ id, orderId: 'order' }));
  const harms = (...log: LoggedEvent[]) =>
    problemsIn([], 'ours', log, recorded({ published: new Map([['orders/order', 2]]), events }), nothing).map(
      ({ harm }) => harm,
    );
  const [placed, confirmed] = [event('p', 1, 0), event('c', 2, 1)];

  it('are no copies behind the first record of an event', () => {
    expect(harms(placed, confirmed, event('p', 1, 2), event('c', 2, 3), event('p', 1, 4))).toEqual([]);
  });

  it('are missing events that were committed', () => {
    expect(harms(placed)).toEqual(['lost', 'lost']);
    expect(harms(confirmed)).toEqual(['lost', 'lost']);
    expect(harms()).toEqual(['lost', 'lost']);
  });

  it('are events out of order, and two events with the same number', () => {
    expect(harms(event('c', 2, 0), event('p', 1, 1))).toEqual(['lost']);
    expect(harms(placed, confirmed, event('x', 2, 2))).toContain('doubled');
  });
});

describe('problems of the whole', () => {
  const order = {
    orderId: 'a',
    lateAfterSeconds: 60,
    history: {
      events: 1,
      firstVersion: 1,
      lastVersion: 1,
      lastType: 'OrderPlaced',
      reason: null,
      placedMinor: 500,
      ageSeconds: 1,
    },
    snapshot: { status: 'placed', version: 1, cancelReason: null, totalMinor: 500, currency: 'EUR' },
    calls: [],
  } satisfies OrderFacts;
  const reportOn = (facts: OrderFacts) => {
    const findings = orderRules.map((rule) => {
      const tally = new Tally(rule);
      tally.add(facts);
      return tally.finding();
    });
    return { findings, parked: [] };
  };
  const harms = (report: Parameters<typeof problemsIn>[4], queues: Recorded['queues'] = []) =>
    problemsIn([], 'ours', [], recorded({ queues }), report).map(({ harm }) => harm);

  it('are the violations of the audit, each with its harm', () => {
    expect(harms(reportOn(order))).toEqual([]);
    expect(harms(reportOn({ ...order, history: { ...order.history, ageSeconds: 61 } }))).toEqual(['stuck']);
    expect(harms(reportOn({ ...order, charges: { captures: 2, keptMinor: 500, currency: 'EUR' } }))).toEqual([
      'doubled',
    ]);
    expect(harms(reportOn({ ...order, mailbox: { 'order-confirmed': 2 } }))).toEqual(['doubled']);
    expect(harms(reportOn({ ...order, history: { ...order.history, placedMinor: 1 } }))).toEqual(['wrong']);
  });

  it('are parked events, external calls and deadlines that are left', () => {
    const place = { consumer: 'orders', topic: 't', partition: 0, offset: '0', attempts: 1, dead: false };
    const parked = [{ ...place, service: 'orders', subject: 'a', reason: 'why' }];
    expect(harms({ findings: [], parked })).toEqual(['stuck']);
    const left = { service: 'payments', parked: 0, externalCalls: 1, deadlines: 1 } as const;
    expect(harms(nothing, [left])).toEqual(['stuck', 'stuck']);
  });

  it('have a harm only for rules that exist', () => {
    const rules = [orderRules, requestRules, streamRules, idleQueueRules].flat();
    const ids = new Set(rules.map(({ id }) => id));
    expect(Object.keys(harmOf).filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('overtakings', () => {
  const inbox = (consumer: string, eventId: string, ms: number) => ({ consumer, eventId, receivedAt: new Date(ms) });
  const log = [event('p', 1, 0), event('s', 1, 1, { source: 'inventory', type: 'StockReserved' })];

  it('are counted where a consumer handled the later event first', () => {
    const late = [inbox('payments', 's', 10), inbox('payments', 'p', 20), inbox('inventory', 'p', 5)];
    expect(overtakings(log, recorded({ inbox: late }))).toBe(1);
  });

  it('are none where events were handled in order, or together', () => {
    const inTime = [inbox('payments', 'p', 10), inbox('payments', 's', 10), inbox('inventory', 'p', 50)];
    expect(overtakings(log, recorded({ inbox: inTime }))).toBe(0);
  });
});
