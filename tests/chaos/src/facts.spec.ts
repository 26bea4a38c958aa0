import { describe, expect, it } from '@jest/globals';
import { idleQueueRules, type OrderFacts, orderRules, requestRules, streamRules } from '@orderflow/invariants';
import { judgeAll } from '../../../ops/src/audit/finding.ts';
import type { Placement } from './customers.ts';
import { overtakings, possibleCopies } from './facts.ts';
import { type Harm, harmOf, type Problem, problemsIn } from './outcome.ts';
import type { InjectedFault } from './fault-injector.ts';
import type { LoggedEvent, OrderRow, Recorded } from './recorded.ts';
import type { Kind, Target } from './schedule.ts';

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
  mails: 0,
  copiedMails: [],
  ...more,
});

const event = (id: string, sequence: number, offset: number, more: Partial<LoggedEvent> = {}): LoggedEvent => ({
  id,
  source: 'orders',
  subject: 'order',
  sequence,
  isOlder: false,
  offset: BigInt(offset),
  appendedAt: new Date(offset),
  ...more,
});

const nothing = { findings: [], parked: [] };

const harmsIn = (problems: readonly Problem[]): Harm[] => problems.map(({ harm }) => harm);

describe('problems of customers', () => {
  const cancelled = placement(['a'], { cancelled: true });

  it.each<[string, Harm[], Placement[], OrderRow[]]>([
    ['one order for each key', [], [placement(['a']), placement(['b'])], [row('a'), row('b')]],
    ['an order of another customer', [], [], [row('c', { customerId: 'another' })]],
    ['an order that is lost', ['lost'], [placement(['a'])], []],
    ['two orders for one key', ['doubled'], [placement(['a', 'b'])], [row('a'), row('b')]],
    ['an order that no customer placed', ['doubled'], [], [row('a')]],
    ['a request without an answer', ['stuck'], [placement([], { totalMinor: undefined })], []],
    ['a cancellation that is kept', [], [cancelled], [row('a', { status: 'cancelled' })]],
    ['a cancellation that is not kept', ['wrong'], [cancelled], [row('a')]],
    ['another total', ['wrong'], [placement(['a'])], [row('a', { totalMinor: 1_000 })]],
  ])('%s: %j', (_title, harms, placements, orders) => {
    expect(harmsIn(problemsIn(placements, 'ours', [], recorded({ orders }), nothing))).toEqual(harms);
  });
});

describe('problems of the log', () => {
  const [placed, confirmed] = [event('p', 1, 0), event('c', 2, 1)];
  const events = ['p', 'c'].map((id) => ({ id, orderId: 'order' }));
  const published = new Map([['orders/order', 2]]);

  it.each<[string, Harm[], LoggedEvent[]]>([
    ['copies after their originals', [], [placed, confirmed, event('p', 1, 2), event('c', 2, 3), event('p', 1, 4)]],
    ['without the last event', ['lost', 'lost'], [placed]],
    ['without the first event', ['lost', 'lost'], [confirmed]],
    ['without any event', ['lost', 'lost'], []],
    ['events out of order', ['lost'], [event('c', 2, 0), event('p', 1, 1)]],
    ['two events with the same number', ['doubled'], [placed, confirmed, event('x', 2, 2)]],
  ])('%s: %j', (_title, harms, log) => {
    expect(harmsIn(problemsIn([], 'ours', log, recorded({ published, events }), nothing))).toEqual(harms);
  });
});

describe('problems of the whole', () => {
  const oneEvent = { events: 1, firstVersion: 1, lastVersion: 1 };
  const order = {
    orderId: 'a',
    lateAfterSeconds: 60,
    history: { ...oneEvent, lastType: 'OrderPlaced', reason: null, placedMinor: 500, ageSeconds: 1 },
    snapshot: { status: 'placed', version: 1, cancelReason: null, totalMinor: 500, currency: 'EUR' },
    calls: [],
  } satisfies OrderFacts;

  it.each<[string, Harm[], Partial<OrderFacts>]>([
    ['an order without a violation', [], {}],
    ['a late order', ['stuck'], { history: { ...order.history, ageSeconds: 61 } }],
    ['two captures', ['doubled'], { charges: { captures: 2, keptMinor: 500, currency: 'EUR' } }],
    ['a mail twice', ['doubled'], { mailbox: { 'order-confirmed': 2 } }],
    ['a mail that arrived again', ['doubled'], { mailbox: { 'order-confirmed': 1 }, mailCopies: 1 }],
    ['another total', ['wrong'], { history: { ...order.history, placedMinor: 1 } }],
  ])('%s: %j', (_title, harms, changes) => {
    const findings = judgeAll<OrderFacts>(orderRules, [{ ...order, ...changes }]);
    expect(harmsIn(problemsIn([], 'ours', [], recorded(), { findings, parked: [] }))).toEqual(harms);
  });

  it('are parked events, external calls and deadlines that are left', () => {
    const place = { consumer: 'orders', topic: 't', partition: 0, offset: '0', attempts: 1, dead: false };
    const parked = [{ ...place, service: 'orders', subject: 'a', reason: 'why' }];
    const queues: Recorded['queues'] = [{ service: 'payments', parked: 0, externalCalls: 1, deadlines: 1 }];
    const problems = problemsIn([], 'ours', [], recorded({ queues }), { findings: [], parked });
    expect(harmsIn(problems)).toEqual(['stuck', 'stuck', 'stuck']);
  });

  it('have a harm only for rules that exist', () => {
    const rules = [orderRules, requestRules, streamRules, idleQueueRules].flat();
    const ids = new Set(rules.map(({ id }) => id));
    expect(Object.keys(harmOf).filter((id) => !ids.has(id))).toEqual([]);
  });
});

describe('a second copy of a mail', () => {
  const copied = { orderId: 'a', copies: 2, receivedAt: new Date(100_000) };
  const fault = (target: Target, kind: Kind, from: number, until = from): InjectedFault => ({
    fault: { target, kind, forMs: 0, atMs: 0, lane: 'shared' },
    from,
    until,
  });

  it.each<[string, InjectedFault]>([
    ['a kill of its sender', fault('notifications', 'SIGKILL', 101_000)],
    ['a freeze of its sender', fault('notifications', 'SIGSTOP', 40_000, 75_000)],
    ['a cut of its database', fault('postgres', 'withheld answers', 90_000, 99_000)],
  ])('is possible around %s', (_, injected) => {
    expect(possibleCopies([copied], [injected])).toEqual([copied]);
  });

  it.each<[string, InjectedFault]>([
    ['an orderly stop of its sender', fault('notifications', 'SIGTERM', 101_000)],
    ['a slow mail server', fault('mail', 'slow', 90_000, 110_000)],
    ['a kill long before', fault('notifications', 'SIGKILL', 60_000)],
    ['a kill long afterwards', fault('notifications', 'SIGKILL', 140_000)],
    ['a kill of another service', fault('payments', 'SIGKILL', 101_000)],
  ])('is a finding in spite of %s', (_, injected) => {
    expect(possibleCopies([copied], [injected])).toEqual([]);
  });

  it('is left out of the problems where it is possible', () => {
    const facts = { orderId: 'a', lateAfterSeconds: 60, calls: [], mailCopies: 1 };
    const findings = judgeAll<OrderFacts>(orderRules, [facts]).filter(({ id }) => id === 'mail-copies');
    const copies = recorded({ copiedMails: [copied] });
    const harms = (injected: InjectedFault[]) =>
      harmsIn(problemsIn([], 'ours', [], copies, { findings, parked: [] }, injected));
    expect(harms([])).toEqual(['doubled']);
    expect(harms([fault('notifications', 'SIGKILL', 101_000)])).toEqual([]);
  });
});

describe('overtakings', () => {
  const inbox = (consumer: string, eventId: string, ms: number) => ({ consumer, eventId, receivedAt: new Date(ms) });
  const log = [event('p', 1, 0), event('s', 1, 1, { source: 'inventory' })];

  it('are counted where a consumer handled the later event first', () => {
    const late = [inbox('payments', 's', 10), inbox('payments', 'p', 20), inbox('inventory', 'p', 5)];
    expect(overtakings(log, recorded({ inbox: late }))).toBe(1);
  });

  it('are none where events were handled in order, or together', () => {
    const inTime = [inbox('payments', 'p', 10), inbox('payments', 's', 10), inbox('inventory', 'p', 50)];
    expect(overtakings(log, recorded({ inbox: inTime }))).toBe(0);
  });
});
